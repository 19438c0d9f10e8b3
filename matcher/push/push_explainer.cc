#include "matcher/push/push_explainer.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/feedback_store.h"
#include "index/keys.h"
#include "matcher/ingest/duplicate_groups.h"
#include "matcher/posting_schema.h"
#include "matcher/proto_time.h"
#include "matcher/push/push_plan.h"
#include "matcher/push/selection.h"
#include "matcher/reasons.h"

namespace gradmatch {
namespace {

constexpr size_t kPlansPerRead = 1000;

class Explainer {
 public:
  Explainer(const Store& store, const PushStore& push_store)
      : store_(store), push_store_(push_store) {}

  absl::StatusOr<std::vector<v1::Reason>> Reasons(const v1::Graduate& graduate,
                                                  std::string_view graduate_key,
                                                  const v1::Posting& posting,
                                                  absl::Time now) const;

 private:
  absl::StatusOr<std::set<std::string>> Members(
      const v1::Posting& posting) const;
  absl::StatusOr<std::optional<v1::Reason>> Told(
      std::string_view graduate_key, const v1::Posting& posting,
      const std::set<std::string>& members) const;
  absl::StatusOr<std::optional<v1::Reason>> Dismissed(
      std::string_view graduate_key, const v1::Posting& posting,
      const std::set<std::string>& members) const;
  absl::StatusOr<std::optional<v1::Reason>> CapUsedUp(
      const v1::Posting& posting, const std::set<std::string>& members) const;
  absl::StatusOr<int> ApplicantsPerOpening() const;

  const Store& store_;
  const PushStore& push_store_;
};

absl::StatusOr<std::vector<v1::Reason>> Explainer::Reasons(
    const v1::Graduate& graduate, std::string_view graduate_key,
    const v1::Posting& posting, absl::Time now) const {
  std::vector<v1::Reason> reasons;
  absl::StatusOr<std::set<std::string>> members = Members(posting);
  if (!members.ok()) return members.status();
  auto told = Told(graduate_key, posting, *members);
  if (!told.ok()) return told.status();
  if (told->has_value()) reasons.push_back(**std::move(told));
  auto dismissed = Dismissed(graduate_key, posting, *members);
  if (!dismissed.ok()) return dismissed.status();
  if (dismissed->has_value()) reasons.push_back(**std::move(dismissed));
  const Suppression suppression =
      SelectForPush(graduate, v1::Audience::default_instance(), now);
  if (suppression != Suppression::kNone) {
    reasons.push_back(
        MakeReason(SuppressionCode(suppression), SuppressionText(suppression)));
  }
  const bool expired =
      posting.has_expire_time() && TimeOf(posting.expire_time()) <= now;
  if (posting.state() != v1::Posting::STATE_OPEN || expired) {
    reasons.push_back(
        MakeReason("POSTING_NOT_OPEN", "岗位未开放或已截止，不再推送"));
  }
  auto used_up = CapUsedUp(posting, *members);
  if (!used_up.ok()) return used_up.status();
  if (used_up->has_value()) reasons.push_back(**std::move(used_up));
  return reasons;
}

// The posting, the one that stands for its group, and all others in it.
absl::StatusOr<std::set<std::string>> Explainer::Members(
    const v1::Posting& posting) const {
  std::set<std::string> members;
  for (const std::string& name :
       {posting.name(), posting.canonical_posting()}) {
    const std::optional<std::string> key = PostingKeyOfName(name);
    if (!key.has_value()) continue;
    members.insert(*key);
    absl::StatusOr<std::string> bytes =
        store_.Get(Family::kDuplicateGroup, GroupKey(*key));
    if (absl::IsNotFound(bytes.status())) continue;
    if (!bytes.ok()) return bytes.status();
    v1::StoredDuplicateGroup group;
    if (!group.ParseFromString(*bytes)) {
      return absl::DataLossError("a duplicate group does not parse");
    }
    members.insert(group.members().begin(), group.members().end());
  }
  return members;
}

absl::StatusOr<std::optional<v1::Reason>> Explainer::Told(
    std::string_view graduate_key, const v1::Posting& posting,
    const std::set<std::string>& members) const {
  auto ledger = push_store_.Ledger(graduate_key);
  if (!ledger.ok()) return ledger.status();
  const uint64_t fingerprint = DuplicateFingerprint(posting);
  for (const LedgerLine& line : *ledger) {
    if (!members.contains(line.canonical_key) &&
        !members.contains(line.entry.posting()) &&
        line.entry.fingerprint() != fingerprint) {
      continue;
    }
    const std::string date =
        ChinaDate(absl::FromUnixMicros(line.entry.intent_time_micros()));
    const std::string run = line.entry.push_run();
    if (run.empty()) {
      return MakeReason("STAFF_RECOMMENDED", "已于 {date} 由老师人工推荐",
                        {{"date", date}});
    }
    switch (line.entry.state()) {
      case v1::PushItem::STATE_SENT:
        return MakeReason("PUSHED_BEFORE", "已于 {date} 的批次 {run} 推送",
                          {{"date", date}, {"run", run}});
      case v1::PushItem::STATE_REFUSED:
        return MakeReason("PUSH_REFUSED",
                          "已于 {date} 的批次 {run} 推送，被拒收，不再重复推送",
                          {{"date", date}, {"run", run}});
      default:
        return MakeReason("PUSH_PLANNED",
                          "已列入 {date} 的批次 {run}，尚未确认送达",
                          {{"date", date}, {"run", run}});
    }
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<v1::Reason>> Explainer::Dismissed(
    std::string_view graduate_key, const v1::Posting& posting,
    const std::set<std::string>& members) const {
  const auto lines = ReadDismissed(store_, graduate_key);
  if (!lines.ok()) return lines.status();
  const uint64_t fingerprint = DuplicateFingerprint(posting);
  for (const DismissedLine& line : *lines) {
    if (!members.contains(line.subject) &&
        !members.contains(line.dismissal.subject()) &&
        line.dismissal.fingerprint() != fingerprint) {
      continue;
    }
    return MakeReason(
        "DISMISSED", "毕业生已于 {date} 标记不感兴趣，不再推荐和推送",
        {{"date",
          ChinaDate(absl::FromUnixMicros(line.dismissal.time_micros()))}});
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<v1::Reason>> Explainer::CapUsedUp(
    const v1::Posting& posting, const std::set<std::string>& members) const {
  absl::StatusOr<int> per_opening = ApplicantsPerOpening();
  if (!per_opening.ok()) return per_opening.status();
  int64_t pushed = 0;
  for (const std::string& member : members) {
    absl::StatusOr<int64_t> count = push_store_.Counter(member);
    if (!count.ok()) return count.status();
    pushed += *count;
  }
  const int64_t cap = int64_t{std::max(1, posting.openings())} * *per_opening;
  if (pushed < cap) return std::nullopt;
  return MakeReason(
      "CAPS_EXHAUSTED", "名额已满：已推送 {pushed} 人，上限 {cap} 人",
      {{"pushed", absl::StrCat(pushed)}, {"cap", absl::StrCat(cap)}});
}

absl::StatusOr<int> Explainer::ApplicantsPerOpening() const {
  auto plans = push_store_.ListPlans("", kPlansPerRead);
  if (!plans.ok()) return plans.status();
  if (plans->empty()) plans->emplace_back();
  int most = 0;
  for (const v1::PushPlan& plan : *plans) {
    most = std::max(most, WithDefaults(plan).applicants_per_opening());
  }
  return most;
}

}  // namespace

PushReasonsFor MakePushReasons(const Store& store,
                               const PushStore& push_store) {
  return [explainer = Explainer(store, push_store)](
             const v1::Graduate& graduate, std::string_view graduate_key,
             const v1::Posting& posting, absl::Time now) {
    return explainer.Reasons(graduate, graduate_key, posting, now);
  };
}

}  // namespace gradmatch
