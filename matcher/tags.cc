#include "matcher/tags.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "matcher/major_codes.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/normalize.h"
#include "matcher/text/segmenter.h"
#include "matcher/words.h"

namespace gradmatch {
namespace {

// What the encoder leaves out of a text.
constexpr TermKinds kUnused =
    kStopTerm | kSensitiveTerm | kSchoolTerm | kRegionTerm | kNumberTerm;
// One Chinese character alone says too little to be read.
constexpr uint32_t kOneCharacter = 3;

// The name that all spellings of a skill share; empty when it is none.
std::string SkillOf(uint32_t term) {
  if (term == kNoTerm) return "";
  for (const Meaning& meaning : Dictionary::Default().meanings(term)) {
    if (meaning.kind == kSkillTerm) return std::string(meaning.code);
  }
  return "";
}

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' ||
         c == '#';
}

// Whether [begin, end) of `text` is a word of its own: c is none in c++.
bool StandsAlone(std::string_view text, size_t begin, size_t end) {
  const bool joins_before =
      begin > 0 && IsWordByte(text[begin - 1]) && IsWordByte(text[begin]);
  const bool joins_after =
      end < text.size() && IsWordByte(text[end]) && IsWordByte(text[end - 1]);
  return !joins_before && !joins_after;
}

// `text` with one blank for every stretch of `gone`.
std::string Blanked(std::string_view text, const std::vector<bool>& gone) {
  std::string left;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!gone[i]) {
      left.push_back(text[i]);
    } else if (i == 0 || !gone[i - 1]) {
      left.push_back(' ');
    }
  }
  return left;
}

void MarkWord(std::string_view text, std::string_view word,
              std::vector<bool>& gone) {
  if (word.empty()) return;
  for (size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    if (!StandsAlone(text, at, at + word.size())) continue;
    std::fill_n(gone.begin() + static_cast<std::ptrdiff_t>(at), word.size(),
                true);
  }
}

std::string_view Prefix(v1::Tag::Kind kind) {
  switch (kind) {
    case v1::Tag::KIND_SKILL:
      return "skill";
    case v1::Tag::KIND_FUNCTION:
      return "function";
    case v1::Tag::KIND_PLACE:
      return "place";
    default:
      return "text";
  }
}

// Collects tags, each once.
class TagList {
 public:
  explicit TagList(const v1::Graduate& graduate)
      : parent_(graduate.name()), off_(graduate.preferences()) {}

  void AddSkill(const std::string& skill) {
    const std::string form = MatchingForm(skill);
    known_.insert(form);
    known_.insert(SkillOf(Dictionary::Default().Find(form)));
    Add(v1::Tag::KIND_SKILL, skill, skill, !off_.HasWord(skill));
  }
  void AddCode(v1::Tag::Kind kind, const v1::Code& code, std::string display) {
    const std::string& tag = code.code().empty() ? code.display() : code.code();
    if (display.empty()) display = CodeName(code);
    Add(kind, tag, std::move(display), !off_.Has(code));
  }
  // A word of the text, unless a skill says the same.
  void AddWord(std::string_view word, uint32_t term) {
    const std::string skill = SkillOf(term);
    if (known_.contains(word)) return;
    if (!known_.insert(skill.empty() ? std::string(word) : skill).second)
      return;
    known_.emplace(word);
    Add(v1::Tag::KIND_TEXT, std::string(word), std::string(word),
        !off_.HasWord(word));
  }
  std::vector<v1::Tag> Take() && { return std::move(tags_); }

 private:
  void Add(v1::Tag::Kind kind, const std::string& text, std::string display,
           bool enabled) {
    if (text.empty()) return;
    const std::string id = absl::StrCat(
        A(Prefix(kind)), "-", absl::StrFormat("%016x", ContentHash(text)));
    if (!ids_.insert(id).second) return;
    v1::Tag& tag = tags_.emplace_back();
    tag.set_name(absl::StrCat(parent_, "/tags/", id));
    tag.set_tag(text);
    tag.set_kind(kind);
    tag.set_display(std::move(display));
    tag.set_enabled(enabled);
  }

  const std::string parent_;
  const TagSet off_;
  std::set<std::string> ids_;
  std::set<std::string, std::less<>> known_ = {""};  // skills and words so far
  std::vector<v1::Tag> tags_;
};

void AddWords(const std::string& text, TagList& list) {
  const std::string form = MatchingForm(text);
  std::vector<Token> tokens;
  Segment(form, Dictionary::Default(), Grain::kFine, tokens);
  // An unknown stretch comes as overlapping pairs of characters.
  size_t begin = 0, end = 0;
  const auto end_stretch = [&] {
    if (end > begin) {
      list.AddWord(std::string_view(form).substr(begin, end - begin), kNoTerm);
    }
    begin = end = 0;
  };
  for (const Token& token : tokens) {
    if (token.term == kNoTerm && (token.kinds & kHanTerm) != 0) {
      if (token.size <= kOneCharacter) continue;
      if (token.begin >= end) end_stretch();
      if (end == 0) begin = token.begin;
      end = token.begin + token.size;
      continue;
    }
    end_stretch();
    if ((token.kinds & kUnused) != 0) continue;
    list.AddWord(token.text(form), token.term);
  }
  end_stretch();
}

// `text` as people wrote it but without `word`; in matching form when the word
// is in there in another form than it has as a tag.
std::string TextWithout(const std::string& word, const std::string& text) {
  v1::Preferences preferences;
  preferences.add_tags()->set_tag(word);
  const TagSet off(preferences);
  const auto is_clean = [&](const std::string& t) {
    return off.WithoutWords(t) == MatchingForm(t);
  };
  if (is_clean(text)) return text;
  std::vector<bool> gone(text.size(), false);
  MarkWord(absl::AsciiStrToLower(text), absl::AsciiStrToLower(word), gone);
  std::string left = Blanked(text, gone);
  return is_clean(left) ? left : off.WithoutWords(text);
}

template <typename Repeated, typename Gone>
void RemoveIf(Repeated& list, Gone gone) {
  for (int i = list.size() - 1; i >= 0; --i) {
    if (gone(list.Get(i))) list.DeleteSubrange(i, 1);
  }
}

void SwitchOff(const std::string& tag, v1::Preferences& preferences) {
  for (v1::Preferences::Tag& known : *preferences.mutable_tags()) {
    if (known.tag() == tag) return known.set_enabled(false);
  }
  preferences.add_tags()->set_tag(tag);
}

}  // namespace

TagSet::TagSet(const v1::Preferences& preferences) {
  for (const v1::Preferences::Tag& tag : preferences.tags()) {
    if (tag.enabled() || tag.tag().empty()) continue;
    tags_.insert(tag.tag());
    std::string form = MatchingForm(tag.tag());
    std::string skill = SkillOf(Dictionary::Default().Find(form));
    if (!skill.empty()) skills_.insert(std::move(skill));
    forms_.insert(std::move(form));
  }
}

bool TagSet::Has(const v1::Code& code) const {
  return tags_.contains(code.code()) || tags_.contains(CodeName(code));
}

bool TagSet::HasWord(std::string_view word) const {
  if (tags_.empty()) return false;
  const std::string form = MatchingForm(word);
  return tags_.contains(word) || forms_.contains(form) ||
         skills_.contains(SkillOf(Dictionary::Default().Find(form)));
}

std::string TagSet::WithoutWords(std::string_view text) const {
  const std::string form = MatchingForm(text);
  std::vector<bool> gone(form.size(), false);
  for (const std::string& word : forms_) MarkWord(form, word, gone);
  if (!skills_.empty()) {
    std::vector<Token> tokens;
    Segment(form, Dictionary::Default(), Grain::kFine, tokens);
    for (const Token& token : tokens) {
      if (!skills_.contains(SkillOf(token.term))) continue;
      std::fill_n(gone.begin() + token.begin, token.size, true);
    }
  }
  return Blanked(form, gone);
}

std::vector<v1::Tag> TagsOf(const v1::Graduate& graduate) {
  TagList list(graduate);
  const v1::Profile& profile = graduate.profile();
  for (const std::string& skill : profile.skills()) list.AddSkill(skill);
  for (const v1::Code& function : profile.intent().functions()) {
    list.AddCode(v1::Tag::KIND_FUNCTION, function, "");
  }
  for (const v1::Code& place : profile.intent().places()) {
    list.AddCode(v1::Tag::KIND_PLACE, place, PlaceWord(place));
  }
  AddWords(profile.text(), list);
  return std::move(list).Take();
}

void DeleteTag(const v1::Tag& tag, v1::Graduate& graduate) {
  v1::Profile& profile = *graduate.mutable_profile();
  v1::Preferences only;
  only.add_tags()->set_tag(tag.tag());
  const TagSet gone(only);
  switch (tag.kind()) {
    case v1::Tag::KIND_SKILL:
      RemoveIf(*profile.mutable_skills(),
               [&](const std::string& skill) { return gone.HasWord(skill); });
      break;
    case v1::Tag::KIND_FUNCTION:
      RemoveIf(*profile.mutable_intent()->mutable_functions(),
               [&](const v1::Code& code) { return gone.Has(code); });
      break;
    case v1::Tag::KIND_PLACE:
      RemoveIf(*profile.mutable_intent()->mutable_places(),
               [&](const v1::Code& code) { return gone.Has(code); });
      break;
    default:
      break;
  }
  profile.set_text(TextWithout(tag.tag(), profile.text()));
  SwitchOff(tag.tag(), *graduate.mutable_preferences());
}

}  // namespace gradmatch
