/*
 * What stands in the place of powershell.exe under Wine, whose own answers nothing: it hands its input and output
 * to a real PowerShell that the test runs beside Wine, by the port in C:\affiant-test.port. Asked for --sddl or
 * --caller it tells, for that PowerShell, what Windows (here: Wine's advapi32) says of files and of whoever asks;
 * --protect and --unprotect do the work of DPAPI (Wine's crypt32) on base64. Under the name icacls.exe, whose own does
 * nothing under Wine, it sets the rules of a folder as `icacls FOLDER /inheritance:r /grant:r *SID:(OI)(CI)F ...` does.
 */
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <windows.h>
#include <aclapi.h>
#include <sddl.h>
#include <dpapi.h>
#include <wincrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static SOCKET line;

static DWORD WINAPI feed(void *unused) {
  char bytes[65536];
  DWORD got;
  while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof bytes, &got, NULL) && got > 0)
    for (DWORD sent = 0; sent < got;) {
      int n = send(line, bytes + sent, got - sent, 0);
      if (n <= 0) return 1;
      sent += n;
    }
  shutdown(line, SD_SEND);
  return 0;
}

static int relay(void) {
  WSADATA data;
  FILE *file = fopen("C:\\affiant-test.port", "r");
  int port = 0;
  if (file == NULL || fscanf(file, "%d", &port) != 1) return 3;
  fclose(file);
  WSAStartup(MAKEWORD(2, 2), &data);
  line = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(line, (struct sockaddr *)&to, sizeof to) != 0) return 4;
  CreateThread(NULL, 0, feed, NULL, 0, NULL);
  char bytes[65536];
  int got;
  DWORD written;
  while ((got = recv(line, bytes, sizeof bytes, 0)) > 0)
    if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), bytes, got, &written, NULL)) break;
  return 0;
}

static int sddl(const wchar_t *path) {
  PSECURITY_DESCRIPTOR descriptor;
  wchar_t *text;
  DWORD parts = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  DWORD error = GetNamedSecurityInfoW((wchar_t *)path, SE_FILE_OBJECT, parts, NULL, NULL, NULL, NULL, &descriptor);
  if (error != 0) return (int)error;
  if (!ConvertSecurityDescriptorToStringSecurityDescriptorW(descriptor, SDDL_REVISION_1, parts, &text, NULL)) return 5;
  printf("%ls\n", text);
  return 0;
}

static int caller(void) {
  HANDLE token;
  BYTE bytes[1024];
  DWORD size;
  wchar_t *text;
  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) return 6;
  if (!GetTokenInformation(token, TokenUser, bytes, sizeof bytes, &size)) return 7;
  if (!ConvertSidToStringSidW(((TOKEN_USER *)bytes)->User.Sid, &text)) return 8;
  printf("%ls\n", text);
  return 0;
}

static int protection(BOOL opening) {
  static char base64[262144];
  static BYTE raw[196608];
  if (fgets(base64, sizeof base64, stdin) == NULL) return 9;
  DWORD size = sizeof raw;
  if (!CryptStringToBinaryA(base64, 0, CRYPT_STRING_BASE64, raw, &size, NULL, NULL)) return 10;
  DATA_BLOB in = {size, raw}, out;
  BOOL done = opening ? CryptUnprotectData(&in, NULL, NULL, NULL, NULL, 0, &out)
                      : CryptProtectData(&in, L"", NULL, NULL, NULL, CRYPTPROTECT_LOCAL_MACHINE, &out);
  if (!done) return 11;
  size = sizeof base64;
  if (!CryptBinaryToStringA(out.pbData, out.cbData, CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, base64, &size)) return 12;
  printf("%s\n", base64);
  return 0;
}

static int grant(int count, wchar_t **words) {
  const wchar_t *all = L":(OI)(CI)F";
  wchar_t text[2048] = L"D:P";
  PSECURITY_DESCRIPTOR descriptor;
  if (count < 5 || wcscmp(words[2], L"/inheritance:r") != 0 || wcscmp(words[3], L"/grant:r") != 0) return 20;
  for (int at = 4; at < count; at++) {
    const wchar_t *end = wcsstr(words[at], all);
    if (words[at][0] != L'*' || end == NULL || wcscmp(end, all) != 0 || wcslen(text) > 1800) return 21;
    swprintf(text + wcslen(text), 200, L"(A;OICI;FA;;;%.*ls)", (int)(end - words[at] - 1), words[at] + 1);
  }
  if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &descriptor, NULL)) return 22;
  return SetFileSecurityW(words[1], DACL_SECURITY_INFORMATION, descriptor) ? 0 : (int)GetLastError();
}

int wmain(int count, wchar_t **words) {
  if (wcsstr(words[0], L"icacls") != NULL) return grant(count, words);
  if (count == 3 && wcscmp(words[1], L"--sddl") == 0) return sddl(words[2]);
  if (count == 2 && wcscmp(words[1], L"--caller") == 0) return caller();
  if (count == 2 && wcscmp(words[1], L"--protect") == 0) return protection(FALSE);
  if (count == 2 && wcscmp(words[1], L"--unprotect") == 0) return protection(TRUE);
  return relay();
}
