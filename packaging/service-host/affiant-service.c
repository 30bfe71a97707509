/*
 * The Windows service of Affiant. It answers the service manager at once and sleeps; for each turn it starts
 * `affiant run --turn`, which does what is due, says in how many seconds it wants to be started again, and ends. What
 * the agent says on standard error goes to the event log, each line with its level.
 *
 *   affiant-service.exe [--every 24h] [--state DIR] [--config FILE] [-- PROGRAM ARGUMENTS...]
 *
 * Those are the arguments of the service's command line (ImagePath), which only administrators can set. PROGRAM is
 * affiant.exe beside this file unless another is named.
 */
#define UNICODE
#define _UNICODE
#include <windows.h>
#include <shellapi.h>
#include <stdio.h>
#include <wchar.h>
#include "messages.h"

#define NAME L"Affiant"
/* CreateProcessW takes at most 32767 characters. */
#define COMMAND_MAX 32768
#define OUTPUT_MAX 65536
/* A turn that could not be made is tried again after so long. */
#define AGAIN_SECONDS 900
/* A clock that jumps, or a machine that slept, is noticed within this. */
#define LOOK_MS 60000
/* The agent ends itself when its standard input does; this is for one that does not. */
#define GRACE_MS 20000

static SERVICE_STATUS_HANDLE statusHandle;
static HANDLE stopEvent;
static HANDLE eventSource;
static wchar_t base[COMMAND_MAX];

static void tellStatus(DWORD state, DWORD exitCode) {
  SERVICE_STATUS status = {0};
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
  status.dwWin32ExitCode = exitCode;
  status.dwWaitHint = state == SERVICE_STOP_PENDING ? GRACE_MS + 5000 : 0;
  SetServiceStatus(statusHandle, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context) {
  (void)type, (void)data, (void)context;
  if (code == SERVICE_CONTROL_STOP || code == SERVICE_CONTROL_SHUTDOWN) {
    tellStatus(SERVICE_STOP_PENDING, NO_ERROR);
    SetEvent(stopEvent);
    return NO_ERROR;
  }
  return code == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
}

static void say(int level, const wchar_t *text) {
  WORD type = level <= 3 ? EVENTLOG_ERROR_TYPE : level == 4 ? EVENTLOG_WARNING_TYPE : EVENTLOG_INFORMATION_TYPE;
  DWORD id = level <= 3 ? AFFIANT_ERROR : level == 4 ? AFFIANT_WARNING : AFFIANT_INFO;
  if (eventSource != NULL) ReportEventW(eventSource, type, 0, id, NULL, 1, 0, &text, NULL);
}

/* One line of the agent, which may begin with its level as <4>. */
static void sayLine(const char *line, int length) {
  int level = 6;
  if (length > 3 && line[0] == '<' && line[2] == '>') {
    level = line[1] - '0';
    line += 3;
    length -= 3;
  }
  static wchar_t text[OUTPUT_MAX];
  int wide = length > 0 ? MultiByteToWideChar(CP_UTF8, 0, line, length, text, 8192) : 0;
  text[wide] = 0;
  if (wide > 0) say(level, text);
}

static void sayLines(char *output, DWORD length) {
  DWORD from = 0;
  for (DWORD at = 0; at <= length; at++)
    if (at == length || output[at] == '\n') {
      DWORD end = at > from && output[at - 1] == '\r' ? at - 1 : at;
      sayLine(output + from, (int)(end - from));
      from = at + 1;
    }
}

/* A file that only we and our child have open, and that is gone when we close it. */
static HANDLE scratch(const wchar_t *mark) {
  wchar_t folder[MAX_PATH], path[MAX_PATH + 64];
  if (GetTempPathW(MAX_PATH, folder) == 0) return INVALID_HANDLE_VALUE;
  swprintf(path, MAX_PATH + 64, L"%lsaffiant-%lu-%llu-%ls", folder, GetCurrentProcessId(), GetTickCount64(), mark);
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  return CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                     &inherited, CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
}

static DWORD readAll(HANDLE file, char *into, DWORD max) {
  DWORD total = 0, read = 0;
  SetFilePointer(file, 0, NULL, FILE_BEGIN);
  while (total < max && ReadFile(file, into + total, max - total, &read, NULL) && read > 0) total += read;
  return total;
}

/* Seconds until the next turn. `failures` is what one turn tells the next. */
static DWORD takeTurn(char *failures) {
  static wchar_t command[COMMAND_MAX];
  static char told[OUTPUT_MAX + 1], said[OUTPUT_MAX + 1];
  swprintf(command, COMMAND_MAX, L"%ls --failures %hs", base, failures);
  HANDLE out = scratch(L"out"), err = scratch(L"err"), inRead = NULL, inWrite = NULL;
  HANDLE job = CreateJobObjectW(NULL, NULL);
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  STARTUPINFOW start = {0};
  PROCESS_INFORMATION child = {0};
  DWORD sleep = AGAIN_SECONDS, exitCode = 1;
  if (out == INVALID_HANDLE_VALUE || err == INVALID_HANDLE_VALUE || job == NULL ||
      !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits) ||
      !CreatePipe(&inRead, &inWrite, &inherited, 0)) {
    say(3, L"a turn could not be prepared: no temporary file, job or pipe");
    goto done;
  }
  SetHandleInformation(inWrite, HANDLE_FLAG_INHERIT, 0);
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdInput = inRead;
  start.hStdOutput = out;
  start.hStdError = err;
  /* Suspended until it is in the job: nothing that it starts can outlive us. Below normal: others come first. */
  if (!CreateProcessW(NULL, command, NULL, NULL, TRUE,
                      CREATE_NO_WINDOW | CREATE_SUSPENDED | BELOW_NORMAL_PRIORITY_CLASS, NULL, NULL, &start, &child)) {
    wchar_t text[128];
    swprintf(text, 128, L"the agent could not be started (error %lu)", GetLastError());
    say(3, text);
    goto done;
  }
  AssignProcessToJobObject(job, child.hProcess);
  ResumeThread(child.hThread);
  CloseHandle(inRead);
  inRead = NULL;
  HANDLE either[2] = {child.hProcess, stopEvent};
  if (WaitForMultipleObjects(2, either, FALSE, INFINITE) != WAIT_OBJECT_0) {
    CloseHandle(inWrite);
    inWrite = NULL;
    if (WaitForSingleObject(child.hProcess, GRACE_MS) != WAIT_OBJECT_0) TerminateJobObject(job, 1);
  }
  GetExitCodeProcess(child.hProcess, &exitCode);
  sayLines(said, readAll(err, said, OUTPUT_MAX));
  told[readAll(out, told, OUTPUT_MAX)] = 0;
  unsigned long seconds = 0;
  char next[16] = {0};
  if (exitCode == 0 && sscanf(told, "%lu %15[0-9,]", &seconds, next) == 2) {
    sleep = seconds > 86400 ? 86400 : seconds;
    strcpy(failures, next);
  } else if (WaitForSingleObject(stopEvent, 0) != WAIT_OBJECT_0) {
    wchar_t text[128];
    swprintf(text, 128, L"the agent ended with %lu and did not say when it wants to be started again", exitCode);
    say(4, text);
  }
done:
  if (child.hThread != NULL) CloseHandle(child.hThread);
  if (child.hProcess != NULL) CloseHandle(child.hProcess);
  if (inRead != NULL) CloseHandle(inRead);
  if (inWrite != NULL) CloseHandle(inWrite);
  if (job != NULL) CloseHandle(job);
  if (out != INVALID_HANDLE_VALUE) CloseHandle(out);
  if (err != INVALID_HANDLE_VALUE) CloseHandle(err);
  return sleep;
}

/* Seconds by the system's clock, which may jump. */
static unsigned long long clockSeconds(void) {
  FILETIME now;
  GetSystemTimeAsFileTime(&now);
  return (((unsigned long long)now.dwHighDateTime << 32) | now.dwLowDateTime) / 10000000ULL;
}

static void WINAPI serviceMain(DWORD argc, wchar_t **argv) {
  (void)argc, (void)argv;
  stopEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
  statusHandle = RegisterServiceCtrlHandlerExW(NAME, control, NULL);
  if (statusHandle == NULL || stopEvent == NULL) return;
  tellStatus(SERVICE_RUNNING, NO_ERROR);
  eventSource = RegisterEventSourceW(NULL, NAME);
  char failures[16] = "0,0";
  while (WaitForSingleObject(stopEvent, 0) != WAIT_OBJECT_0) {
    unsigned long long look = clockSeconds(), until = look + takeTurn(failures);
    for (;;) {
      unsigned long long now = clockSeconds();
      if (now >= until || now < look) break;
      look = now;
      DWORD left = until - now > LOOK_MS / 1000 ? LOOK_MS : (DWORD)(until - now) * 1000;
      if (WaitForSingleObject(stopEvent, left) == WAIT_OBJECT_0) break;
    }
  }
  say(6, L"stopped");
  tellStatus(SERVICE_STOPPED, NO_ERROR);
}

/* As CommandLineToArgvW reads it again (learn.microsoft.com, "Parsing C++ command-line arguments"). */
static void append(const wchar_t *argument) {
  size_t at = wcslen(base);
  if (at + 2 * wcslen(argument) + 4 >= COMMAND_MAX) return;
  if (at > 0) base[at++] = L' ';
  base[at++] = L'"';
  for (const wchar_t *c = argument;; c++) {
    size_t slashes = 0;
    while (*c == L'\\') c++, slashes++;
    if (*c == 0 || *c == L'"') slashes *= 2;
    while (slashes-- > 0) base[at++] = L'\\';
    if (*c == 0) break;
    if (*c == L'"') base[at++] = L'\\';
    base[at++] = *c;
  }
  base[at++] = L'"';
  base[at] = 0;
}

static int isOption(const wchar_t *text) {
  return wcscmp(text, L"--every") == 0 || wcscmp(text, L"--state") == 0 || wcscmp(text, L"--config") == 0;
}

int main(void) {
  int argc = 0;
  wchar_t **argv = CommandLineToArgvW(GetCommandLineW(), &argc);
  if (argv == NULL) return 1;
  int split = 1;
  while (split < argc && wcscmp(argv[split], L"--") != 0) split++;
  if (split + 1 < argc)
    for (int at = split + 1; at < argc; at++) append(argv[at]);
  else {
    static wchar_t beside[COMMAND_MAX];
    DWORD length = GetModuleFileNameW(NULL, beside, COMMAND_MAX - 16);
    wchar_t *slash = length > 0 ? wcsrchr(beside, L'\\') : NULL;
    if (slash == NULL) return 1;
    wcscpy(slash + 1, L"affiant.exe");
    append(beside);
  }
  append(L"run");
  append(L"--turn");
  for (int at = 1; at + 1 < split; at += 2) {
    if (!isOption(argv[at])) break;
    append(argv[at]);
    append(argv[at + 1]);
  }
  SetEnvironmentVariableW(L"AFFIANT_LOG_LEVELS", L"1");
  SERVICE_TABLE_ENTRYW table[] = {{NAME, serviceMain}, {NULL, NULL}};
  if (StartServiceCtrlDispatcherW(table)) return 0;
  fputs("affiant-service: this program is started by the service manager\n  remedy: affiant service install\n", stderr);
  return 2;
}
