/** Products that show here only that they are there and run. Nothing of their mode shows, so none of them passes. */
import type { WindowsProduct } from './windows-product.ts';

function present(
  id: string,
  vendor: string,
  product: string,
  services: WindowsProduct['traces']['services'],
  drivers: WindowsProduct['traces']['drivers'] = [],
  uninstall?: RegExp,
): WindowsProduct {
  return { id, vendor, product, traces: { services, drivers, ...(uninstall !== undefined && { uninstall }) } };
}

export const presenceProducts: readonly WindowsProduct[] = [
  // The service's name carries the version.
  present(
    'cisco-secure-endpoint',
    'Cisco',
    'Secure Endpoint',
    [/^CiscoAMP(?:_[0-9.]+)?$/i, 'ImmunetProtect'],
    ['ImmunetProtectDriver', 'CiscoAMPCEFWDriver'],
  ),
  present('cylance', 'Arctic Wolf', 'Aurora Protect (Cylance)', ['CylanceSvc'], ['CyProtectDrv', 'CyDevFlt']),
  present('huntress', 'Huntress', 'Huntress agent', ['HuntressAgent', 'HuntressRio', 'HuntressUpdater']),
  present(
    'threatdown',
    'Malwarebytes',
    'ThreatDown',
    ['MBEndpointAgent', 'MBAMService'],
    ['MBAMSwissArmy', 'mbamchameleon', 'MBAMFarflt'],
  ),
  present('webroot', 'OpenText', 'Webroot', ['WRSVC', 'WRCoreService', 'WRSkyClient'], ['WRkrn']),
  present(
    'cybereason',
    'LevelBlue',
    'Cybereason',
    ['CybereasonActiveProbe', 'CybereasonAntiMalware'],
    ['CybereasonAVDriver'],
  ),
  present('fortiedr', 'Fortinet', 'FortiEDR', ['FortiEDRCollectorService', 'FortiEDRCollector'], ['FortiEDRWinDriver']),
  present('forticlient', 'Fortinet', 'FortiClient', ['FA_Scheduler', 'FCT_SecSvr'], ['FortiShield']),
  present('check-point-harmony', 'Check Point', 'Harmony Endpoint', ['CPDA', 'EFRService'], ['epklib', 'cpepmon']),
  present('avast-business', 'Gen Digital', 'Avast Business', ['avast! Antivirus', 'AvastSvc'], ['aswSP', 'aswMonFlt']),
  present('avg-business', 'Gen Digital', 'AVG Business', ['AVG Antivirus'], ['avgSP']),
  present('avira', 'Gen Digital', 'Avira', ['AntiVirService', 'AntivirProtectedService'], ['avgntflt']),
  present(
    'g-data',
    'G DATA',
    'G DATA Security Client',
    ['GDScan', 'AVKService', 'AVKWCtl', 'AVKProxy'],
    ['GDMnIcpt', 'MiniIcpt'],
  ),
  present(
    'panda',
    'WatchGuard',
    'Panda Adaptive Defense',
    ['PSUAService', 'NanoServiceMain', 'PandaAetherAgent'],
    ['PSINFile', 'PSINProc'],
  ),
  present('deep-instinct', 'Deep Instinct', 'Deep Instinct', ['DeepInstinctAgent', 'DeepMgmtService'], ['DeepStatic']),
  present('vipre', 'OpenText', 'VIPRE', ['SBAMSvc'], ['sbapifs']),
  present(
    'trend-vision-one',
    'Trend Micro',
    'Vision One Endpoint Sensor',
    ['CloudEndpointService', 'EndpointBasecamp'],
    ['tmxdr'],
  ),
  present('defender-scep', 'Microsoft', 'System Center Endpoint Protection', ['MsMpSvc'], ['MpFilter']),
  present('qualys', 'Qualys', 'Cloud Agent', ['QualysAgent']),
  present('rapid7', 'Rapid7', 'Insight Agent', ['ir_agent']),
  present('osquery', 'The osquery Project', 'osquery', ['osqueryd']),
  present('velociraptor', 'Rapid7', 'Velociraptor', ['Velociraptor']),
  present('secureworks-taegis', 'Sophos', 'Taegis agent', ['SophosRedCloak', 'redcloak', 'TaegisAgent'], ['taegis']),
];
