#include "server/process_secrets.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace gradmatch {

absl::Status CloseProcess(bool core_dumps) {
  if (core_dumps) return absl::OkStatus();
  // Both: a pattern that pipes cores into a program ignores the limit of 0 on
  // some kernels, and the flag is lost when a program is executed.
  const rlimit none = {.rlim_cur = 0, .rlim_max = 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 ||
      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::InternalError(
        absl::StrCat("core dumps cannot be forbidden: ", strerror(errno),
                     "; server.core_dumps=true starts without that"));
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
