#include "tests/server/identity/role_requests.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "tests/server/method_rows.h"

namespace gradmatch {
namespace {

using Key = std::pair<CallerRole, std::string>;

const std::map<Key, std::string>& Own() {
  constexpr CallerRole kSource = CallerRole::kSource;
  constexpr CallerRole kScientist = CallerRole::kScientist;
  static const auto& own = *new std::map<Key, std::string>{
      {{kSource, "ContentService.CreateContent"},
       R"({"contentId": "gd.$FRESH", "content": {
           "kind": "CONTENT_KIND_POLICY", "title": "办法", "text": "补贴。",
           "source": "sources/gd", "state": "STATE_OPEN"}})"},
      {{kSource, "ContentService.GetContent"},
       R"({"name": "contents/gd.c-1"})"},
      {{kSource, "ContentService.UpdateContent"},
       R"({"content": {"name": "contents/gd.c-1", "title": "新名",
           "source": "sources/gd"}, "updateMask": "title"})"},
      {{kSource, "ContentService.DeleteContent"},
       R"({"name": "contents/gd.c-1"})"},
      {{kSource, "ContentService.SyncContents"},
       R"({"begin": {"mode": "SYNC_MODE_INCREMENTAL",
           "source": "sources/gd"}})"},
      {{CallerRole::kStaff, "MatchService.MatchGraduates"},
       R"({"posting": "sources/gd/postings/A-1", "purpose": "专场",
           "pageSize": 3, "staff": "staff/s-1"})"},
      {{kScientist, "MatchService.CheckEligibility"},
       R"({"profile": {"skills": ["Java"]},
           "posting": "sources/gd/postings/A-1"})"},
      {{kScientist, "Operations.GetOperation"}, R"({"name": "$RECALL"})"},
      {{kScientist, "Operations.WaitOperation"}, R"({"name": "$RECALL"})"},
      {{kScientist, "Operations.CancelOperation"}, R"({"name": "$RECALL"})"},
      {{kScientist, "Operations.DeleteOperation"}, R"({"name": "$RECALL"})"},
  };
  return own;
}

}  // namespace

std::string RightRequestFor(CallerRole role, const std::string& method) {
  const auto own = Own().find({role, method});
  if (own != Own().end()) return own->second;
  for (const MethodRow& row : MethodRows()) {
    if (row.method == method) return row.right;
  }
  return "";
}

std::string CallerIn(CallerRole role) {
  return std::string(CallerRoleName(role));
}

std::string OtherCallerIn(CallerRole role) {
  return absl::StrCat("other ", A(CallerRoleName(role)));
}

}  // namespace gradmatch
