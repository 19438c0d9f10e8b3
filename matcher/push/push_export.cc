#include "matcher/push/push_export.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "matcher/ingest/graduate_ingester.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/posting_schema.h"
#include "matcher/profile_in_use.h"
#include "matcher/proto_time.h"
#include "matcher/push/selection.h"

namespace gradmatch {
namespace {

std::string Words(std::string_view code, std::string_view text_zh) {
  return absl::StrCat(A(code), " ", A(text_zh));
}

// Empty when nothing stands in the way; `muted` gets the kinds of posting that
// the graduate does not want.
absl::StatusOr<std::string> GraduateLeft(const std::optional<Record>& record,
                                         absl::Time now,
                                         std::vector<int>& muted) {
  Suppression suppression = Suppression::kErased;
  if (record.has_value() && !record->head.tombstone) {
    absl::StatusOr<v1::Graduate> graduate = GraduateFromRecord(*record);
    if (!graduate.ok()) return graduate.status();
    suppression =
        SelectForPush(*graduate, v1::Audience::default_instance(), now);
    muted = MutedPostingKinds(graduate->preferences());
  }
  if (suppression == Suppression::kNone) return std::string();
  return Words(SuppressionCode(suppression), SuppressionText(suppression));
}

absl::StatusOr<std::string> PostingLeft(std::string_view key,
                                        const std::optional<Record>& record,
                                        const std::vector<int>& muted,
                                        absl::Time now) {
  if (record.has_value() && !record->head.tombstone) {
    absl::StatusOr<v1::Posting> posting = PostingFromRecord(key, *record);
    if (!posting.ok()) return posting.status();
    if (std::binary_search(muted.begin(), muted.end(), posting->kind())) {
      return Words("KIND_MUTED", "已关闭该类岗位");
    }
    if (CanBePushed(*posting, now)) return std::string();
    if (posting->state() == v1::Posting::STATE_QUARANTINED) {
      return Words("POSTING_QUARANTINED", "岗位正在审核");
    }
  }
  return Words("POSTING_CLOSED", "岗位已关闭或已截止");
}

}  // namespace

bool CanBePushed(const v1::Posting& posting, absl::Time now) {
  return posting.state() == v1::Posting::STATE_OPEN &&
         (!posting.has_expire_time() || TimeOf(posting.expire_time()) > now);
}

absl::Status SuppressStale(const Catalog& catalog,
                           const PushStore::GraduateKeyOf& graduate_key,
                           absl::Time now, std::span<v1::PushItem> items) {
  std::vector<v1::PushItem*> open;
  std::vector<std::string> graduate_keys;
  std::vector<std::string> posting_keys;
  for (v1::PushItem& item : items) {
    if (item.state() != v1::PushItem::STATE_INTENT) continue;
    open.push_back(&item);
    const std::string_view name = item.graduate();
    graduate_keys.push_back(graduate_key(name.substr(name.rfind('/') + 1)));
    posting_keys.push_back(PostingKeyOfName(item.posting()).value_or(""));
  }
  auto graduates = catalog.MultiGet(CollectionId::kGraduates, graduate_keys);
  if (!graduates.ok()) return graduates.status();
  auto postings = catalog.MultiGet(CollectionId::kPostings, posting_keys);
  if (!postings.ok()) return postings.status();
  for (size_t i = 0; i < open.size(); ++i) {
    std::vector<int> muted;
    absl::StatusOr<std::string> why = GraduateLeft((*graduates)[i], now, muted);
    if (why.ok() && why->empty()) {
      why = PostingLeft(posting_keys[i], (*postings)[i], muted, now);
    }
    if (!why.ok()) return why.status();
    if (why->empty() && TimeOf(open[i]->expire_time()) <= now) {
      why = Words("ITEM_EXPIRED", "推送已过有效期");
    }
    if (why->empty()) continue;
    open[i]->set_state(v1::PushItem::STATE_SUPPRESSED);
    open[i]->set_state_reason(*why);
  }
  return absl::OkStatus();
}

}  // namespace gradmatch
