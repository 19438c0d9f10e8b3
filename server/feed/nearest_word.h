#ifndef GRADMATCH_SERVER_FEED_NEAREST_WORD_H_
#define GRADMATCH_SERVER_FEED_NEAREST_WORD_H_

#include <string_view>
#include <vector>

namespace gradmatch {

// The word that takes the fewest edits (of bytes) to become `seen`; the first
// of several. Empty if there are no words.
std::string_view NearestWord(std::string_view seen,
                             const std::vector<std::string_view>& words);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_NEAREST_WORD_H_
