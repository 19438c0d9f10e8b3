#ifndef GRADMATCH_TOOLS_GRADMATCH_EXIT_CODE_H_
#define GRADMATCH_TOOLS_GRADMATCH_EXIT_CODE_H_

#include <utility>

#include "absl/status/status.h"

namespace gradmatch {

// How the command line ends; the numbers are sysexits', which systemd and cron
// wrappers know by name.
enum ExitCode {
  kExitOk = 0,
  kExitUsage = 64,
  kExitData = 65,
  kExitUnavailable = 69,
  kExitInternal = 70,
  kExitCannotWrite = 73,
  kExitTemporary = 75,
  kExitPermission = 77,
  kExitConfig = 78,
  kExitInterrupted = 130,
};

// Every code with what it says, for the manual page.
inline constexpr std::pair<ExitCode, const char*> kExitCodes[] = {
    {kExitOk, "Done."},
    {kExitUsage, "The words on the command line are wrong."},
    {kExitData, "Some rows, or the request, were not taken."},
    {kExitUnavailable, "There is no server."},
    {kExitInternal, "A defect."},
    {kExitCannotWrite, "A file, a folder or the output cannot be written."},
    {kExitTemporary, "Not now: try again later."},
    {kExitPermission, "Not allowed."},
    {kExitConfig, "The configuration or the machine is not well."},
    {kExitInterrupted, "Stopped by a signal."},
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
