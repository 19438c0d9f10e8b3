#ifndef GRADMATCH_MATCHER_MAJOR_CODES_H_
#define GRADMATCH_MATCHER_MAJOR_CODES_H_

#include <string>
#include <vector>

#include "gradmatch/v1/common.pb.h"
#include "matcher/posting_keys.h"

namespace gradmatch {

// The digits of `major` in `system`: its own code where that is its system,
// else the entries of equal name there. Empty is a miss: the two catalogues
// cannot be compared for this major.
std::vector<std::string> MajorInSystem(const v1::Code& major,
                                       MajorSystem system);

// A code of any system as people read it: the display text, else the table's
// name, else the code.
std::string CodeName(const v1::Code& code);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_MAJOR_CODES_H_
