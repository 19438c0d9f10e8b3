#ifndef GRADMATCH_TOOLS_GRADMATCH_OWN_PATH_H_
#define GRADMATCH_TOOLS_GRADMATCH_OWN_PATH_H_

#include <string>

namespace gradmatch {

// Path of a program in the folder that this one lies in.
std::string SiblingProgram(const std::string& name);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_OWN_PATH_H_
