#ifndef GRADMATCH_TOOLS_GRADMATCH_PAGES_COMPLETION_H_
#define GRADMATCH_TOOLS_GRADMATCH_PAGES_COMPLETION_H_

#include <string>

#include "tools/gradmatch/command_tree.h"

namespace gradmatch {

// A script that teaches a shell to complete the program's commands, options
// and the values of options. Names of sources, push plans and runs are asked
// of the server, for a second at most; without one, and where any value will
// do, files are offered.
std::string BashCompletion(const CommandTree& program);
std::string ZshCompletion(const CommandTree& program);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_PAGES_COMPLETION_H_
