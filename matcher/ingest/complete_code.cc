#include "matcher/ingest/complete_code.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/text/normalize.h"

namespace gradmatch {

void CleanText(std::string* text) {
  if (text->empty()) return;
  absl::StatusOr<std::string> clean = Normalize(*text, TextForm::kDisplay);
  if (!clean.ok()) return;  // validated before: cannot be
  *text = *std::move(clean);
  absl::StripAsciiWhitespace(text);
}

void CleanLine(std::string* text) {
  CleanText(text);
  std::replace(text->begin(), text->end(), '\n', ' ');
}

void CleanWords(google::protobuf::RepeatedPtrField<std::string>* words) {
  std::set<std::string> seen;
  int kept = 0;
  for (int i = 0; i < words->size(); ++i) {
    std::string& word = *words->Mutable(i);
    CleanLine(&word);
    if (word.empty() || !seen.insert(word).second) continue;
    if (kept != i) words->SwapElements(kept, i);
    ++kept;
  }
  words->DeleteSubrange(kept, words->size() - kept);
}

void CompleteAndFlag(std::string_view field,
                     std::span<const std::string_view> systems, v1::Code& code,
                     Issues& issues) {
  CleanLine(code.mutable_display());
  const std::string given = code.code();
  if (CompleteCode(code, systems)) {
    *issues.Add() =
        MakeIssue(kIssueCodeSuperseded, field, given,
                  absl::StrCat("该代码已不用，已按后继代码 ", code.code(), " ",
                               code.display(), " 理解"));
  }
  if (!code.code().empty()) {
    const CodeTable* table = CodeTable::Get(code.system());
    if (table != nullptr && !code.version().empty() &&
        code.version() != table->version()) {
      *issues.Add() =
          MakeIssue(kIssueCodeVersion, field, code.version(),
                    absl::StrCat("本服务使用 ", A(table->system()), " 的版本 ",
                                 A(table->version()), "，已按该版本理解"));
    }
    return;
  }
  if (code.display().empty()) return;
  for (const std::string_view system : systems) {
    const CodeTable* table = CodeTable::Get(system);
    if (table == nullptr) continue;
    const auto found = table->FindByName(code.display());
    if (found.size() != 1) continue;
    code.set_system(std::string(system));
    code.set_code(std::string(found[0]->code));
    *issues.Add() = MakeIssue(kIssueDerived, field, Describe(*found[0]),
                              "由名称识别出代码");
    return;
  }
}

}  // namespace gradmatch
