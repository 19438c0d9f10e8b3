#ifndef GRADMATCH_SERVER_UPKEEP_OPTIONS_H_
#define GRADMATCH_SERVER_UPKEEP_OPTIONS_H_

#include <vector>

#include "server/option_specs.h"

namespace gradmatch {

// The options of how the server is kept in shape: how long what is kept, lines
// of calls in the log, snapshots. A part of the one table of options.cc.
std::vector<OptionSpec> UpkeepOptions();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_UPKEEP_OPTIONS_H_
