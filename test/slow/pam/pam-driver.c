/*
 * Logs in through libpam with a private folder of services (pam_start_confdir, Linux-PAM 1.4).
 *   pam_driver FOLDER MODULE
 * Each line of standard input: SERVICE TAB USER TAB ANSWERS TAB PASSWORD TAB CODE. Each line of output: the
 * result of pam_authenticate (or pam_start), TAB, the factors used. A prompt for a code gets CODE, others PASSWORD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *password, *code;

static int converse(int n, const struct pam_message **m, struct pam_response **r, void *data)
{
    (void)data;
    struct pam_response *all = calloc((size_t)n, sizeof *all);
    if (!all) return PAM_BUF_ERR;
    for (int i = 0; i < n; i++) {
        int style = m[i]->msg_style;
        if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON) continue;
        int wants = strcasestr(m[i]->msg, "code") || strcasestr(m[i]->msg, "one-time") || strcasestr(m[i]->msg, "OTP");
        all[i].resp = strdup(wants ? code : password);
    }
    *r = all;
    return PAM_SUCCESS;
}

static void no_delay(int status, unsigned usec, void *data) { (void)status; (void)usec; (void)data; }

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    if (strcmp(argv[2], "-") && !dlopen(argv[2], RTLD_NOW)) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    char *line = NULL;
    size_t size = 0;
    long run = 0;
    while (getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        char *rest = line;
        const char *service = strsep(&rest, "\t"), *user = strsep(&rest, "\t"), *answers = strsep(&rest, "\t");
        password = strsep(&rest, "\t");
        code = strsep(&rest, "\t");
        if (!code) return 2;
        char number[32];
        snprintf(number, sizeof number, "%ld", ++run);
        setenv("AFFIANT_PAM_RUN", number, 1);
        setenv("AFFIANT_PAM_ANSWERS", answers, 1);
        setenv("AFFIANT_PAM_USED", "", 1);
        struct pam_conv conv = { converse, NULL };
        pam_handle_t *h = NULL;
        int result = pam_start_confdir(service, user, &conv, argv[1], &h);
        if (result == PAM_SUCCESS) {
            pam_set_item(h, PAM_FAIL_DELAY, (const void *)no_delay);
            result = pam_authenticate(h, 0);
        }
        if (h) pam_end(h, result);
        const char *used = getenv("AFFIANT_PAM_USED");
        printf("%d\t%s\n", result, used ? used : "");
    }
    return 0;
}
