#ifndef GRADMATCH_TOOLS_GRADMATCH_PAGES_SAMPLE_CONFIGURATION_H_
#define GRADMATCH_TOOLS_GRADMATCH_PAGES_SAMPLE_CONFIGURATION_H_

#include <string>
#include <vector>

#include "server/options.h"

namespace gradmatch {

// A configuration file that sets every one of `values` to its default, below
// a comment of what it does, its unit and its bounds. `values` are by name, as
// LoadOptions gives them; loading the text gives the same options.
std::string SampleConfiguration(const std::vector<OptionValue>& values,
                                const std::string& version);

// The environment's variable for an option: GRADMATCH__SERVER__GRPC_LISTEN.
std::string OptionVariable(const std::string& name);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_PAGES_SAMPLE_CONFIGURATION_H_
