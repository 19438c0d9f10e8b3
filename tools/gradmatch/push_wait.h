#ifndef GRADMATCH_TOOLS_GRADMATCH_PUSH_WAIT_H_
#define GRADMATCH_TOOLS_GRADMATCH_PUSH_WAIT_H_

#include "google/longrunning/operations.pb.h"
#include "gradmatch/v1/push.pb.h"
#include "tools/gradmatch/client.h"

namespace gradmatch {

// Shows the progress of the operation of a push run until it is done, then the
// run. Gives the exit code.
int WaitForRun(const Client& client, google::longrunning::Operation operation);

// Prints a run with its figures, for people or as JSON.
void ShowRun(const GlobalOptions& options, const v1::PushRun& run);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_PUSH_WAIT_H_
