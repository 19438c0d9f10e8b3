#include "matcher/push/push_item_builder.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/ingest/posting_ingester.h"
#include "matcher/posting_schema.h"
#include "matcher/proto_time.h"
#include "matcher/push/graduate_reader.h"
#include "matcher/push/push_export.h"
#include "matcher/push/timestamps.h"

namespace gradmatch {
namespace {

struct PostingAtHand {
  std::string key;
  std::string canonical_key;
  uint64_t fingerprint;
  v1::Posting posting;
};
using Postings = std::map<RowId, PostingAtHand>;

// The chosen postings that can still be pushed.
absl::StatusOr<Postings> ReadPostings(const RunContext& context,
                                      std::span<const Chosen> chosen,
                                      absl::Time now) {
  std::set<RowId> rows;
  for (const Chosen& one : chosen)
    rows.insert(one.rows.begin(), one.rows.end());
  std::vector<std::string> keys;
  for (RowId row : rows) {
    const auto key = PostingKeyOfName(context.snapshot->Id(row));
    if (!key.has_value()) return absl::DataLossError("a row has a bad name");
    keys.push_back(*key);
  }
  auto records =
      context.parts->catalog->MultiGet(CollectionId::kPostings, keys);
  if (!records.ok()) return records.status();
  Postings postings;
  size_t i = 0;
  for (RowId row : rows) {
    const std::optional<Record>& record = (*records)[i];
    const std::string& key = keys[i++];
    if (!record.has_value() || record->head.tombstone) continue;
    absl::StatusOr<v1::Posting> posting = PostingFromRecord(key, *record);
    if (!posting.ok()) return posting.status();
    if (!CanBePushed(*posting, now)) continue;
    const auto canonical = PostingKeyOfName(posting->canonical_posting());
    const uint64_t fingerprint = DuplicateFingerprint(*posting);
    postings.emplace(row, PostingAtHand{key, canonical.value_or(key),
                                        fingerprint, *std::move(posting)});
  }
  return postings;
}

// What a graduate was told, as groups of the pool, as keys and as fingerprints.
class ToldBefore {
 public:
  ToldBefore(const PostingPool& pool, std::span<const LedgerLine> ledger)
      : groups_(pool.Told(ledger)) {
    for (const LedgerLine& line : ledger) {
      keys_.insert(line.canonical_key);
      keys_.insert(line.entry.posting());
      fingerprints_.insert(line.entry.fingerprint());
    }
    fingerprints_.erase(0);  // not known
  }
  bool Knows(uint32_t group, const PostingAtHand& posting) const {
    return std::binary_search(groups_.begin(), groups_.end(), group) ||
           keys_.contains(posting.key) ||
           keys_.contains(posting.canonical_key) ||
           fingerprints_.contains(posting.fingerprint);
  }
  void Add(const PostingAtHand& posting) {
    keys_.insert(posting.canonical_key);
    fingerprints_.insert(posting.fingerprint);
  }

 private:
  const std::vector<uint32_t> groups_;
  std::set<std::string> keys_;
  std::set<uint64_t> fingerprints_;
};

v1::PushItem MakeItem(const RunContext& context, const v1::Graduate& graduate,
                      const PostingAtHand& posting, PushDetails details,
                      std::string push_id, absl::Time now) {
  v1::PushItem item;
  item.set_push_id(std::move(push_id));
  item.set_graduate(graduate.name());
  item.set_posting(posting.posting.name());
  item.set_score(details.score);
  item.set_wants_score(details.wants_score);
  item.set_fits_score(details.fits_score);
  for (v1::Reason& reason : details.reasons) {
    *item.add_reasons() = std::move(reason);
  }
  *item.mutable_eligibility() = std::move(details.eligibility);
  item.set_state(v1::PushItem::STATE_INTENT);
  item.set_short_title(ShortTitle(posting.posting.title()));
  absl::Time expires = now + absl::Hours(24) * context.plan->item_ttl_days();
  if (posting.posting.has_expire_time()) {
    expires = std::min(expires, TimeOf(posting.posting.expire_time()));
  }
  *item.mutable_expire_time() = TimestampOf(expires);
  *item.mutable_create_time() = TimestampOf(now);
  return item;
}

// The profile or the posting may have changed since the candidates were found.
bool MayBePushed(const v1::Eligibility& eligibility, const v1::PushPlan& plan) {
  switch (eligibility.outcome()) {
    case v1::Eligibility::OUTCOME_ELIGIBLE:
      return true;
    case v1::Eligibility::OUTCOME_CONDITIONAL:
      return plan.include_conditional();
    default:
      return false;
  }
}

// The choices that still stand, in order: what the ranker asks for, and the
// group and the record of each.
struct Standing {
  std::vector<PushChoice> choices;
  std::vector<uint32_t> groups;
  std::vector<const PostingAtHand*> postings;
};

Standing StandingOf(const RunContext& context, const Chosen& chosen,
                    const LoadedGraduate& loaded, const Postings& postings) {
  ToldBefore told(*context.pool, loaded.ledger);
  Standing standing;
  for (RowId row : chosen.rows) {
    const auto it = postings.find(row);
    if (it == postings.end()) continue;
    const uint32_t group = context.pool->group_of()[static_cast<uint32_t>(row)];
    if (told.Knows(group, it->second)) continue;
    told.Add(it->second);
    standing.choices.push_back({row, &it->second.posting});
    standing.groups.push_back(group);
    standing.postings.push_back(&it->second);
  }
  return standing;
}

absl::StatusOr<GraduateItems> BuildFor(const RunContext& context,
                                       const Chosen& chosen,
                                       const LoadedGraduate& loaded,
                                       const Postings& postings,
                                       absl::Time now) {
  GraduateItems items;
  items.suppression =
      loaded.graduate.has_value()
          ? SelectForPush(*loaded.graduate, context.plan->audience(), now)
          : Suppression::kErased;
  if (items.suppression != Suppression::kNone) return items;

  const Standing standing = StandingOf(context, chosen, loaded, postings);
  PushSubject subject{.graduate = &*loaded.graduate, .embedding = {}};
  if (loaded.embedding.has_value()) subject.embedding = *loaded.embedding;
  auto details = context.parts->ranker->Details(
      *context.snapshot, subject, standing.choices, context.as_of);
  if (!details.ok()) return details.status();
  for (size_t i = 0; i < standing.choices.size(); ++i) {
    PushDetails& one = (*details)[i];
    if (!MayBePushed(one.eligibility, *context.plan)) continue;
    const PostingAtHand& posting = *standing.postings[i];
    PushLine line{.graduate_key = chosen.graduate_key,
                  .posting_key = posting.key,
                  .canonical_key = posting.canonical_key,
                  .fingerprint = posting.fingerprint,
                  .item = {}};
    line.item = MakeItem(
        context, *loaded.graduate, posting, std::move(one),
        PushIdOf(context.run_id, chosen.graduate_key, posting.canonical_key),
        now);
    items.lines.push_back(std::move(line));
    items.lines.back().item.set_rank(static_cast<int32_t>(items.lines.size()));
    items.groups.push_back(standing.groups[i]);
  }
  if (items.lines.empty()) items.suppression = Suppression::kWithdrawn;
  return items;
}

}  // namespace

absl::StatusOr<std::vector<GraduateItems>> BuildItems(
    const RunContext& context, std::span<const Chosen> chosen, absl::Time now) {
  std::vector<std::string> keys;
  for (const Chosen& one : chosen) keys.push_back(one.graduate_key);
  auto loaded = LoadGraduates(*context.parts->store, *context.parts->push_store,
                              *context.parts->catalog, keys);
  if (!loaded.ok()) return loaded.status();
  absl::StatusOr<Postings> postings = ReadPostings(context, chosen, now);
  if (!postings.ok()) return postings.status();
  std::vector<GraduateItems> items;
  for (size_t i = 0; i < chosen.size(); ++i) {
    auto built = BuildFor(context, chosen[i], (*loaded)[i], *postings, now);
    if (!built.ok()) return built.status();
    items.push_back(*std::move(built));
  }
  return items;
}

std::string PushIdOf(std::string_view run_id, std::string_view graduate_key,
                     std::string_view canonical_key) {
  // 128 bits: a nation's pushes of a year must not meet by accident.
  const std::string text =
      absl::StrCat(A(run_id), "/", A(graduate_key), "/", A(canonical_key));
  return absl::StrFormat("%016x%016x", ContentHash(text),
                         ContentHash(absl::StrCat("push/", text)));
}

std::string ShortTitle(std::string_view title, int max_chars) {
  int chars = 0;
  size_t cut = 0;  // where the last character that stays beside "…" ends
  for (size_t i = 0; i < title.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(title[i]) & 0xC0) != 0x80;
    if (!starts) continue;
    if (chars == max_chars - 1) cut = i;
    if (++chars <= max_chars) continue;
    while (cut > 0 && title[cut - 1] == ' ') --cut;
    return absl::StrCat(A(title.substr(0, cut)), "…");
  }
  return std::string(title);
}

}  // namespace gradmatch
