#ifndef GRADMATCH_SERVER_CALL_OPTIONS_H_
#define GRADMATCH_SERVER_CALL_OPTIONS_H_

#include <vector>

#include "server/option_specs.h"

namespace gradmatch {

// The options of how many calls are taken, of whom, and on what connections. A
// part of the one table of options.cc.
std::vector<OptionSpec> CallOptions();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CALL_OPTIONS_H_
