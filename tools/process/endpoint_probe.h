#ifndef GRADMATCH_TOOLS_PROCESS_ENDPOINT_PROBE_H_
#define GRADMATCH_TOOLS_PROCESS_ENDPOINT_PROBE_H_

#include <string>

#include "absl/time/time.h"

namespace gradmatch {

enum class EndpointSpeaks {
  kNobody,   // nobody accepts a connection there
  kSilence,  // somebody does, and says nothing in time
  kTls,
  kPlain,  // something else than TLS
};

// What HOST:PORT answers to the greeting of TLS: to tell, after a call failed,
// whether one side speaks TLS and the other does not.
EndpointSpeaks ProbeEndpoint(const std::string& endpoint,
                             absl::Duration limit = absl::Seconds(2));

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_PROCESS_ENDPOINT_PROBE_H_
