#ifndef GRADMATCH_TOOLS_GRADMATCH_CONNECTION_H_
#define GRADMATCH_TOOLS_GRADMATCH_CONNECTION_H_

#include "absl/status/status.h"
#include "tools/gradmatch/client.h"

namespace gradmatch {

// What calls are made with, from flags, environment and the user's contexts:
// fills options.endpoint where it is empty, and options.security from the
// files. InvalidArgument says which file or setting is of no use; a token is
// not sent without TLS but to this machine.
absl::Status PrepareConnection(GlobalOptions& options);

// The same without contexts: the files alone.
absl::Status ReadConnectionFiles(GlobalOptions& options);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_CONNECTION_H_
