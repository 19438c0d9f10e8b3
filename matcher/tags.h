#ifndef GRADMATCH_MATCHER_TAGS_H_
#define GRADMATCH_MATCHER_TAGS_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

// Tags: what matching uses of a graduate that the graduate may switch off or
// delete, one by one. Skills, functions and places wanted are tags as they are
// stated; of the free text, the words the encoder reads: words of the
// dictionary, runs of Latin letters, and stretches of Chinese it knows no word
// in. Pure functions.

// The tags a graduate switched off. Words compare in matching form, and
// spellings of one skill are one.
class TagSet {
 public:
  explicit TagSet(const v1::Preferences& preferences);

  bool empty() const { return tags_.empty(); }
  // By code or by name.
  bool Has(const v1::Code& code) const;
  bool HasWord(std::string_view word) const;
  // `text` in matching form, with a blank for every word that is switched off.
  std::string WithoutWords(std::string_view text) const;

 private:
  std::set<std::string, std::less<>> tags_;    // as they were given
  std::set<std::string, std::less<>> forms_;   // in matching form
  std::set<std::string, std::less<>> skills_;  // canonical names
};

// All tags of a graduate, in the order of the profile: skills, functions,
// places, words of the text. None twice. A tag's id depends on its kind and
// text alone.
std::vector<v1::Tag> TagsOf(const v1::Graduate& graduate);

// Takes a tag out of the profile, the text included, and switches it off, so
// that it is not made again from a text that comes later.
void DeleteTag(const v1::Tag& tag, v1::Graduate& graduate);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TAGS_H_
