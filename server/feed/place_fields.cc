#include "server/feed/place_fields.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/text/parse_place.h"

namespace gradmatch {
namespace {

// Every place of `narrow` lies in one of `wide`, or `wide` says nothing.
bool Agrees(const std::vector<std::string>& wide,
            const std::vector<std::string>& narrow) {
  const CodeTable* regions = CodeTable::Get("region");
  return std::all_of(
      narrow.begin(), narrow.end(), [&](const std::string& code) {
        return wide.empty() ||
               std::any_of(wide.begin(), wide.end(), [&](const std::string& w) {
                 return regions->Covers(w, code);
               });
      });
}

struct ReadSoFar {
  std::vector<std::string> codes;
  bool anywhere = false;  // 全国, 远程: understood, and no place
};

// Takes what the text adds. An address often leaves out the city that the
// column before it names, so it is read again behind that.
void Refine(const std::string& text, const std::string& before,
            ReadSoFar& so_far) {
  for (const std::string& tried : {text, absl::StrCat(before, " ", text)}) {
    const Parsed<Places> read = ParsePlaces(tried);
    if (!read.understood()) continue;
    if (read.value->codes.empty()) {
      so_far.anywhere |= read.value->nationwide || read.value->remote;
      continue;
    }
    if (Agrees(so_far.codes, read.value->codes)) {
      so_far.codes = read.value->codes;
      return;
    }
    if (before.empty()) return;
  }
}

}  // namespace

FieldReading ReadPlaces(const RuleInput& in, MappedPosting& out) {
  std::vector<std::string> texts;
  for (const std::string& text : in.texts) {
    if (!text.empty()) texts.push_back(text);
  }
  if (texts.empty() && !in.rule.fallback.empty()) {
    texts.push_back(in.rule.fallback);
  }
  if (texts.empty()) return FieldReading::kAbsent;

  ReadSoFar so_far;
  std::string before;
  for (const std::string& text : texts) {
    Refine(text, before, so_far);
    before = text;
  }
  for (const std::string& code : so_far.codes) {
    v1::Code& region = *out.posting.add_locations()->mutable_region();
    region.set_system("region");
    region.set_code(code);
  }
  const bool understood = !so_far.codes.empty() || so_far.anywhere;
  // The address belongs to one place; a list of cities is no address.
  if (so_far.codes.empty()) {
    out.posting.add_locations()->set_address(CutCharacters(texts.back(), 400));
  } else if (so_far.codes.size() == 1 && in.texts.size() > 1) {
    out.posting.mutable_locations(0)->set_address(
        CutCharacters(texts.back(), 400));
  }
  if (understood) return FieldReading::kUnderstood;
  out.issues.push_back(
      MakeIssue(kIssueNotUnderstood, in.rule.target, texts.front(),
                "未能识别，已按原文保留；可识别的写法：深圳·南山区，"
                "广东省广州市黄埔区，440305"));
  return FieldReading::kRaw;
}

}  // namespace gradmatch
