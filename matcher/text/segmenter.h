#ifndef GRADMATCH_MATCHER_TEXT_SEGMENTER_H_
#define GRADMATCH_MATCHER_TEXT_SEGMENTER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "matcher/text/dictionary.h"

namespace gradmatch {

struct Token {
  TermKinds kinds = 0;  // what the dictionary knows; kUnknown bits otherwise
  uint32_t term = kNoTerm;  // Dictionary::meanings(term); kNoTerm if unknown
  uint32_t begin = 0;       // bytes, in the text given to Segment
  uint32_t size = 0;

  std::string_view text(std::string_view whole) const {
    return whole.substr(begin, size);
  }
};

// Splits text in matching form (see normalize.h) by forward maximum match over
// the dictionary. Runs of Latin letters and digits stay whole ("c++", "c#",
// ".net", "node.js"); an unknown run of Han characters becomes its overlapping
// bigrams (one character alone stays one). Punctuation and blanks give no
// token. Tokens come in order of `begin`. `out` is cleared first; it keeps its
// capacity, so one vector serves many texts. Time is linear in the text.
void Segment(std::string_view matching_text, const Dictionary& dictionary,
             Grain grain, std::vector<Token>& out);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_SEGMENTER_H_
