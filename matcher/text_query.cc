#include "matcher/text_query.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/text/dictionary.h"
#include "matcher/text/normalize.h"
#include "matcher/text/segmenter.h"

namespace gradmatch {
namespace {

void AddWish(const Meaning& meaning, v1::Intent& intent) {
  v1::Code* code = nullptr;
  if (meaning.kind == kRegionTerm) {
    code = intent.add_places();
    code->set_system("region");
  } else if (meaning.kind == kFunctionTerm) {
    code = intent.add_functions();
    code->set_system("function");
  } else {
    return;
  }
  code->set_code(std::string(meaning.code));
}

absl::Status CheckText(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return InvalidField(
        kFieldMissing,
        {"text", "", "what to search for, such as 武汉 会计", ""});
  }
  if (text.size() > kMaxQueryBytes) {
    return InvalidField(
        kFieldTooLong,
        {"text", absl::StrCat(text.size(), " bytes"),
         absl::StrCat("at most ", kMaxQueryBytes, " bytes"), ""});
  }
  if (std::optional<size_t> at = FindInvalidUtf8(text); at.has_value()) {
    return InvalidField(kEncodingInvalid,
                        {"text", absl::StrCat("byte ", *at), "UTF-8", ""});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Profile> ProfileOfText(std::string_view text) {
  if (absl::Status s = CheckText(text); !s.ok()) return s;
  v1::Profile profile;
  profile.set_text(std::string(text));
  const std::string form = MatchingForm(text);
  const Dictionary& dictionary = Dictionary::Default();
  std::vector<Token> tokens;
  Segment(form, dictionary, Grain::kWhole, tokens);
  for (const Token& token : tokens) {
    if (token.term == kNoTerm) continue;
    for (const Meaning& meaning : dictionary.meanings(token.term)) {
      AddWish(meaning, *profile.mutable_intent());
    }
  }
  return profile;
}

}  // namespace gradmatch
