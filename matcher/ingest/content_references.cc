#include "matcher/ingest/content_references.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_content.h"
#include "matcher/posting_schema.h"

namespace gradmatch {
namespace {

constexpr int kMostUnknownPostings = 10;

// The id of a source's name; nullopt for what is no such name.
std::optional<std::string_view> SourceIdOfName(std::string_view name) {
  constexpr std::string_view kPrefix = "sources/";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (!IsValidId(name)) return std::nullopt;
  return name;
}

}  // namespace

std::optional<v1::RowError> CheckContentSource(const SourceLookup& sources,
                                               const v1::Content& content,
                                               bool& sandbox,
                                               absl::StatusCode& code) {
  const std::string& name = content.source();
  if (name.empty()) return std::nullopt;
  const auto id = SourceIdOfName(name);
  if (!id.has_value()) {
    code = absl::StatusCode::kInvalidArgument;
    return MakeRowError(kNameInvalid, "source", name,
                        "sources/{source}，或留空");
  }
  const std::optional<bool> known = sources(*id);
  if (!known.has_value()) {
    code = absl::StatusCode::kNotFound;
    v1::RowError error =
        MakeRowError(kSourceNotFound, "source", name, "已登记的来源，或留空");
    error.set_message(absl::StrCat(
        "来源 ", name, " 不存在；请先用 CreateSource 建立，或留空"));
    return error;
  }
  sandbox = *known;
  return std::nullopt;
}

absl::Status FlagUnknownPostings(const Catalog& catalog, v1::Content& content) {
  const auto& postings = content.event().postings();
  if (postings.empty()) return absl::OkStatus();
  std::vector<std::string> keys;
  for (const std::string& name : postings) {
    keys.push_back(PostingKeyOfName(name).value_or(""));
  }
  const auto heads = catalog.Peek(CollectionId::kPostings, keys);
  if (!heads.ok()) return heads.status();
  int unknown = 0;
  for (int i = 0; i < postings.size(); ++i) {
    if ((*heads)[i].exists || ++unknown > kMostUnknownPostings) continue;
    *content.add_issues() =
        MakeIssue(kIssuePostingUnknown, Indexed("event.postings", i),
                  postings[i], "暂无这个岗位，已保留；同步岗位后即生效");
  }
  if (unknown > kMostUnknownPostings) {
    *content.add_issues() = MakeIssue(
        kIssuePostingUnknown, "event.postings", absl::StrCat(unknown, " 个"),
        "暂无的岗位较多，仅列出前几个；请核对岗位名称");
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
