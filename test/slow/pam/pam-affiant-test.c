/*
 * A PAM module that the tests control. Arguments:
 *   ret=N       returns N
 *   ask=LETTERS asks for factors: succeeds where AFFIANT_PAM_HOLDS has them all; where that is not set, where
 *               the next answer in AFFIANT_PAM_ANSWERS is 1. Else it returns fails=N (7)
 * What was used for a success is added to AFFIANT_PAM_USED. A new AFFIANT_PAM_RUN starts the answers anew.
 */
#define _GNU_SOURCE
#include <security/pam_modules.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int calls;
static char run[32];

static int answer(int argc, const char **argv)
{
    int ret = PAM_SUCCESS, fails = PAM_AUTH_ERR;
    const char *ask = NULL;
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "ret=", 4)) ret = atoi(argv[i] + 4);
        else if (!strncmp(argv[i], "fails=", 6)) fails = atoi(argv[i] + 6);
        else if (!strncmp(argv[i], "ask=", 4)) ask = argv[i] + 4;
    }
    if (!ask) return ret;
    const char *holds = getenv("AFFIANT_PAM_HOLDS");
    if (holds) return strspn(ask, holds) == strlen(ask) ? PAM_SUCCESS : fails;
    const char *now = getenv("AFFIANT_PAM_RUN");
    if (now && strncmp(now, run, sizeof run - 1)) {
        snprintf(run, sizeof run, "%s", now);
        calls = 0;
    }
    const char *answers = getenv("AFFIANT_PAM_ANSWERS");
    int yes = answers && (size_t)calls < strlen(answers) && answers[calls] == '1';
    calls++;
    if (!yes) return fails;
    const char *used = getenv("AFFIANT_PAM_USED");
    char both[256];
    snprintf(both, sizeof both, "%s%s", used ? used : "", ask);
    setenv("AFFIANT_PAM_USED", both, 1);
    return PAM_SUCCESS;
}

int pam_sm_authenticate(pam_handle_t *h, int f, int argc, const char **argv) { (void)h; (void)f; return answer(argc, argv); }
int pam_sm_setcred(pam_handle_t *h, int f, int argc, const char **argv) { (void)h; (void)f; (void)argc; (void)argv; return PAM_SUCCESS; }
int pam_sm_acct_mgmt(pam_handle_t *h, int f, int argc, const char **argv) { (void)h; (void)f; return answer(argc, argv); }
