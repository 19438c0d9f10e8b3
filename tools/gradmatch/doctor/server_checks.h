#ifndef GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SERVER_CHECKS_H_
#define GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SERVER_CHECKS_H_

#include <string>

#include "absl/status/status.h"
#include "gradmatch/v1/admin_service.pb.h"
#include "tools/gradmatch/doctor/finding.h"

namespace gradmatch {

// The server as it answers GetServerInfo at `endpoint`, or `status` when it
// does not. `own_version`: of this program. Pure.
Findings CheckServer(const std::string& endpoint, const absl::Status& status,
                     const v1::ServerInfo& info,
                     const std::string& own_version);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_DOCTOR_SERVER_CHECKS_H_
