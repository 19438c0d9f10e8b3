#ifndef GRADMATCH_TOOLS_GRADMATCH_EXIT_CODE_H_
#define GRADMATCH_TOOLS_GRADMATCH_EXIT_CODE_H_

#include "absl/status/status.h"

namespace gradmatch {

// How the command line ends; the numbers are sysexits', which systemd and cron
// wrappers know by name.
enum ExitCode {
  kExitOk = 0,
  kExitUsage = 64,         // wrong words on the command line
  kExitData = 65,          // some rows, or the request, were not taken
  kExitUnavailable = 69,   // no server there
  kExitInternal = 70,      // a defect
  kExitCannotWrite = 73,   // a file or folder cannot be written
  kExitTemporary = 75,     // try again later
  kExitPermission = 77,    // not allowed
  kExitConfig = 78,        // configuration is wrong
  kExitInterrupted = 130,  // Ctrl-C
};

inline ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kUnavailable:
      return kExitUnavailable;
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return kExitTemporary;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kExitPermission;
    case absl::StatusCode::kCancelled:
      return kExitInterrupted;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnimplemented:
      return kExitInternal;
    default:
      return kExitData;
  }
}

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_EXIT_CODE_H_
