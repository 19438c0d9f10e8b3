#include "index/push_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

constexpr char kCounterPrefix[] = "pushed/";

template <typename Message>
absl::StatusOr<Message> Parse(std::string_view what, std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    // The key is not named: it may hold a pseudonym.
    return absl::DataLossError(
        absl::StrCat("a stored ", A(what), " does not parse"));
  }
  return message;
}

template <typename Message>
absl::StatusOr<std::optional<Message>> GetAs(const Store& store, Family family,
                                             std::string_view what,
                                             std::string_view key) {
  absl::StatusOr<std::string> bytes = store.Get(family, key);
  if (absl::IsNotFound(bytes.status())) return std::optional<Message>();
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<Message> message = Parse<Message>(what, *bytes);
  if (!message.ok()) return message.status();
  return std::optional<Message>(*std::move(message));
}

// The first key after `key` in byte order.
std::string After(std::string_view key) {
  return key.empty() ? std::string()
                     : absl::StrCat(A(key), absl::string_view("\0", 1));
}

// At most `limit` messages of `range`, those with keys after `after`.
template <typename Message>
absl::StatusOr<std::vector<Message>> ListIn(const Store& store, Family family,
                                            std::string_view what,
                                            KeyRange range,
                                            std::string_view after,
                                            size_t limit) {
  std::vector<Message> messages;
  range.begin = std::max(range.begin, After(after));
  // RocksDB takes a range that ends before it begins for one without an end.
  if (!range.end.empty() && range.begin >= range.end) return messages;
  auto cursor = store.Scan(family, range);
  for (; cursor->Valid() && messages.size() < limit; cursor->Next()) {
    absl::StatusOr<Message> message = Parse<Message>(what, cursor->value());
    if (!message.ok()) return message.status();
    messages.push_back(*std::move(message));
  }
  if (!cursor->status().ok()) return cursor->status();
  return messages;
}

template <typename Message>
absl::StatusOr<std::vector<Message>> ListAs(const Store& store, Family family,
                                            std::string_view what,
                                            std::string_view after,
                                            size_t limit) {
  return ListIn<Message>(store, family, what, KeyRange{}, after, limit);
}

std::string ItemId(int64_t number) {
  const std::string key = PushItemKey("r", number);
  return key.substr(key.find('/') + 1);
}

absl::Status RunNotFound() {
  return MakeError(absl::StatusCode::kNotFound, kPushRunNotFound,
                   "没有这个推送批次");
}

}  // namespace

absl::StatusOr<std::optional<v1::PushPlan>> PushStore::GetPlan(
    std::string_view plan_id) const {
  return GetAs<v1::PushPlan>(store_, Family::kPushPlan, "push plan",
                             PushPlanKey(plan_id));
}

absl::StatusOr<std::vector<v1::PushPlan>> PushStore::ListPlans(
    std::string_view after_id, size_t limit) const {
  return ListAs<v1::PushPlan>(store_, Family::kPushPlan, "push plan", after_id,
                              limit);
}

absl::Status PushStore::ChangePlan(std::string_view plan_id,
                                   const PlanChange& change,
                                   const PlanAlso& also) {
  MutexLock lock(mu_);
  absl::StatusOr<std::optional<v1::PushPlan>> stored = GetPlan(plan_id);
  if (!stored.ok()) return stored.status();
  absl::StatusOr<std::optional<v1::PushPlan>> wanted = change(*stored);
  if (!wanted.ok()) return wanted.status();
  WriteBatch batch;
  if (wanted->has_value()) {
    batch.Put(Family::kPushPlan, PushPlanKey(plan_id),
              (*wanted)->SerializeAsString());
  } else {
    batch.Delete(Family::kPushPlan, PushPlanKey(plan_id));
  }
  if (also) batch.Append(also(*wanted));
  return store_.Write(batch, Durability::kSynced);
}

absl::StatusOr<std::optional<v1::StoredPushRun>> PushStore::GetRun(
    std::string_view run_id) const {
  return GetAs<v1::StoredPushRun>(store_, Family::kPushRun, "push run",
                                  PushRunKey(run_id));
}

absl::StatusOr<std::vector<v1::StoredPushRun>> PushStore::ListRuns(
    std::string_view after_id, size_t limit) const {
  return ListAs<v1::StoredPushRun>(store_, Family::kPushRun, "push run",
                                   after_id, limit);
}

absl::StatusOr<PushStore::CreatedRun> PushStore::CreateRun(
    std::string_view run_id, const v1::StoredPushRun& run,
    std::string_view operation_id, const v1::StoredOperation& operation,
    const WriteBatch& also) {
  MutexLock lock(mu_);
  absl::StatusOr<std::optional<v1::StoredPushRun>> stored = GetRun(run_id);
  if (!stored.ok()) return stored.status();
  if (stored->has_value()) return CreatedRun{**std::move(stored), false};
  WriteBatch batch;
  batch.Put(Family::kPushRun, PushRunKey(run_id), run.SerializeAsString());
  batch.Put(Family::kOperation, OperationKey(operation_id),
            operation.SerializeAsString());
  batch.Append(also);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return CreatedRun{run, true};
}

absl::StatusOr<v1::StoredPushRun> PushStore::ChangeRun(std::string_view run_id,
                                                       const RunChange& change,
                                                       const WriteBatch& also) {
  MutexLock lock(mu_);
  absl::StatusOr<std::optional<v1::StoredPushRun>> stored = GetRun(run_id);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return RunNotFound();
  v1::StoredPushRun run = **std::move(stored);
  change(run);
  WriteBatch batch;
  batch.Put(Family::kPushRun, PushRunKey(run_id), run.SerializeAsString());
  batch.Append(also);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return run;
}

absl::StatusOr<std::optional<v1::StoredOperation>> PushStore::GetOperation(
    std::string_view operation_id) const {
  return GetAs<v1::StoredOperation>(store_, Family::kOperation, "operation",
                                    OperationKey(operation_id));
}

absl::StatusOr<std::vector<v1::StoredOperation>> PushStore::ListOperations(
    std::string_view prefix, std::string_view after_id, size_t limit) const {
  return ListIn<v1::StoredOperation>(store_, Family::kOperation, "operation",
                                     PrefixRange(prefix), after_id, limit);
}

absl::Status PushStore::PutOperation(std::string_view operation_id,
                                     const v1::StoredOperation& operation) {
  WriteBatch batch;
  batch.Put(Family::kOperation, OperationKey(operation_id),
            operation.SerializeAsString());
  return store_.Write(batch, Durability::kSynced);
}

absl::Status PushStore::DeleteOperation(std::string_view operation_id) {
  WriteBatch batch;
  batch.Delete(Family::kOperation, OperationKey(operation_id));
  return store_.Write(batch, Durability::kSynced);
}

absl::Status PushStore::AddToCounters(
    const std::map<std::string, int64_t>& deltas, WriteBatch& batch) const {
  std::vector<std::string> keys;
  for (const auto& [canonical, delta] : deltas) {
    keys.push_back(LedgerCounterKey(canonical));
  }
  auto stored = store_.MultiGet(Family::kMeta, keys);
  if (!stored.ok()) return stored.status();
  size_t i = 0;
  for (const auto& [canonical, delta] : deltas) {
    v1::LedgerCounter counter;
    if ((*stored)[i].has_value()) {
      auto parsed = Parse<v1::LedgerCounter>("ledger counter", *(*stored)[i]);
      if (!parsed.ok()) return parsed.status();
      counter = *std::move(parsed);
    }
    counter.set_pushed(std::max<int64_t>(0, counter.pushed() + delta));
    batch.Put(Family::kMeta, keys[i++], counter.SerializeAsString());
  }
  return absl::OkStatus();
}

absl::Status PushStore::CheckNotInLedger(
    std::span<const std::string> ledger_keys) const {
  std::set<std::string_view> seen;
  for (const std::string& key : ledger_keys) {
    if (!seen.insert(key).second) {
      return absl::FailedPreconditionError("a posting twice for one graduate");
    }
  }
  auto stored = store_.MultiGet(Family::kLedger, ledger_keys);
  if (!stored.ok()) return stored.status();
  for (const auto& entry : *stored) {
    if (entry.has_value()) {
      return absl::FailedPreconditionError(
          "a graduate was told about this posting before");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::StoredPushRun> PushStore::AppendItems(
    std::string_view run_id, std::vector<PushLine> lines,
    int64_t intent_time_micros, const RunChange& change,
    const WriteBatch& also) {
  MutexLock lock(mu_);
  absl::StatusOr<std::optional<v1::StoredPushRun>> stored = GetRun(run_id);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return RunNotFound();
  v1::StoredPushRun run = **std::move(stored);

  std::vector<std::string> ledger_keys;
  for (const PushLine& line : lines) {
    if (erased_.contains(line.graduate_key)) {
      return absl::AbortedError("a graduate was erased meanwhile");
    }
    ledger_keys.push_back(LedgerKey(line.graduate_key, line.canonical_key));
  }
  if (absl::Status s = CheckNotInLedger(ledger_keys); !s.ok()) return s;

  WriteBatch batch;
  std::map<std::string, int64_t> deltas;
  int64_t number = run.checkpoint().items();
  for (size_t i = 0; i < lines.size(); ++i, ++number) {
    PushLine& line = lines[i];
    line.item.set_name(
        absl::StrCat("pushRuns/", A(run_id), "/items/", ItemId(number)));
    v1::LedgerEntry entry;
    entry.set_push_run(std::string(run_id));
    entry.set_item(number);
    entry.set_state(v1::PushItem::STATE_INTENT);
    entry.set_intent_time_micros(intent_time_micros);
    entry.set_posting(line.posting_key);
    entry.set_fingerprint(line.fingerprint);
    batch.Put(Family::kPushItem, PushItemKey(run_id, number),
              line.item.SerializeAsString());
    batch.Put(Family::kLedger, std::move(ledger_keys[i]),
              entry.SerializeAsString());
    ++deltas[line.canonical_key];
  }
  if (absl::Status s = AddToCounters(deltas, batch); !s.ok()) return s;
  run.mutable_checkpoint()->set_items(number);
  change(run);
  batch.Put(Family::kPushRun, PushRunKey(run_id), run.SerializeAsString());
  batch.Append(also);
  if (absl::Status s = store_.Write(batch, Durability::kSynced); !s.ok()) {
    return s;
  }
  return run;
}

absl::StatusOr<bool> PushStore::AppendByHand(const HandLine& line,
                                             int64_t time_micros,
                                             const ToldBefore& told,
                                             const WriteBatch& also) {
  MutexLock lock(mu_);
  auto ledger = Ledger(line.graduate_key);
  if (!ledger.ok()) return ledger.status();
  if (told(*ledger)) return false;
  v1::LedgerEntry entry;
  entry.set_item(-1);
  entry.set_state(v1::PushItem::STATE_SENT);
  entry.set_intent_time_micros(time_micros);
  entry.set_posting(line.posting_key);
  entry.set_fingerprint(line.fingerprint);
  WriteBatch batch;
  batch.Put(Family::kLedger, LedgerKey(line.graduate_key, line.canonical_key),
            entry.SerializeAsString());
  absl::Status counted = AddToCounters({{line.canonical_key, 1}}, batch);
  if (!counted.ok()) return counted;
  batch.Append(also);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  return true;
}

void PushStore::PutUncovered(std::string_view graduate_key,
                             const Uncovered& uncovered, WriteBatch& batch) {
  batch.Put(Family::kMeta, UncoveredKey(graduate_key),
            absl::StrCat(uncovered.run_id, "/", uncovered.code));
}

absl::StatusOr<std::optional<Uncovered>> PushStore::GetUncovered(
    std::string_view graduate_key) const {
  const auto bytes = store_.Get(Family::kMeta, UncoveredKey(graduate_key));
  if (absl::IsNotFound(bytes.status())) return std::nullopt;
  if (!bytes.ok()) return bytes.status();
  const size_t slash = bytes->find('/');
  if (slash == std::string::npos) {
    return absl::DataLossError("a note on an uncovered graduate is damaged");
  }
  return Uncovered{bytes->substr(0, slash), bytes->substr(slash + 1)};
}

absl::StatusOr<std::vector<PushStore::NumberedItem>> PushStore::ReadItems(
    std::string_view run_id, int64_t first, size_t limit) const {
  std::vector<NumberedItem> items;
  KeyRange range = PrefixRange(PushItemPrefix(run_id));
  range.begin = PushItemKey(run_id, first);
  auto cursor = store_.Scan(Family::kPushItem, range);
  for (; cursor->Valid() && items.size() < limit; cursor->Next()) {
    const std::optional<PushItemKeyParts> key = ParsePushItemKey(cursor->key());
    auto item = Parse<v1::PushItem>("push item", cursor->value());
    if (!item.ok()) return item.status();
    if (!key.has_value())
      return absl::DataLossError("a bad key of a push item");
    items.push_back({key->number, *std::move(item)});
  }
  if (!cursor->status().ok()) return cursor->status();
  return items;
}

absl::StatusOr<std::vector<PushStore::NumberedItem>> PushStore::ItemsOfGraduate(
    std::string_view run_id, std::string_view graduate_key) const {
  absl::StatusOr<std::vector<LedgerLine>> ledger = Ledger(graduate_key);
  if (!ledger.ok()) return ledger.status();
  std::set<int64_t> numbers;
  for (const LedgerLine& line : *ledger) {
    if (line.entry.push_run() == run_id) numbers.insert(line.entry.item());
  }
  std::vector<std::string> keys;
  for (int64_t number : numbers) keys.push_back(PushItemKey(run_id, number));
  auto stored = store_.MultiGet(Family::kPushItem, keys);
  if (!stored.ok()) return stored.status();
  std::vector<NumberedItem> items;
  size_t i = 0;
  for (int64_t number : numbers) {
    const std::optional<std::string>& bytes = (*stored)[i++];
    if (!bytes.has_value())
      return absl::DataLossError("a push item is missing");
    auto item = Parse<v1::PushItem>("push item", *bytes);
    if (!item.ok()) return item.status();
    items.push_back({number, *std::move(item)});
  }
  return items;
}

absl::StatusOr<std::vector<LedgerLine>> PushStore::Ledger(
    std::string_view graduate_key) const {
  const std::string key(graduate_key);
  auto ledgers = Ledgers({&key, 1});
  if (!ledgers.ok()) return ledgers.status();
  return std::move(ledgers->front());
}

absl::StatusOr<std::vector<std::vector<LedgerLine>>> PushStore::Ledgers(
    std::span<const std::string> graduate_keys) const {
  std::vector<std::vector<LedgerLine>> ledgers(graduate_keys.size());
  if (graduate_keys.empty()) return ledgers;
  const KeyRange range = {LedgerPrefix(graduate_keys.front()),
                          PrefixRange(LedgerPrefix(graduate_keys.back())).end};
  size_t i = 0;
  auto cursor = store_.Scan(Family::kLedger, range);
  for (; cursor->Valid(); cursor->Next()) {
    const std::optional<LedgerKeyParts> key = ParseLedgerKey(cursor->key());
    if (!key.has_value()) return absl::DataLossError("a bad key of the ledger");
    while (i < graduate_keys.size() && graduate_keys[i] < key->pseudonym) ++i;
    if (i == graduate_keys.size()) break;
    if (graduate_keys[i] != key->pseudonym) continue;
    auto entry = Parse<v1::LedgerEntry>("ledger entry", cursor->value());
    if (!entry.ok()) return entry.status();
    ledgers[i].push_back(
        {std::string(key->canonical_posting_key), *std::move(entry)});
  }
  if (!cursor->status().ok()) return cursor->status();
  return ledgers;
}

absl::Status PushStore::ForEachCounter(const CounterVisitor& visit) const {
  auto cursor = store_.Scan(Family::kMeta, PrefixRange(kCounterPrefix));
  for (; cursor->Valid(); cursor->Next()) {
    auto counter = Parse<v1::LedgerCounter>("ledger counter", cursor->value());
    if (!counter.ok()) return counter.status();
    visit(cursor->key().substr(sizeof(kCounterPrefix) - 1), counter->pushed());
  }
  return cursor->status();
}

absl::StatusOr<int64_t> PushStore::Counter(
    std::string_view canonical_key) const {
  auto counter = GetAs<v1::LedgerCounter>(
      store_, Family::kMeta, "ledger counter", LedgerCounterKey(canonical_key));
  if (!counter.ok()) return counter.status();
  return counter->has_value() ? (*counter)->pushed() : 0;
}

absl::StatusOr<DeliveryOutcome> PushStore::RecordOne(
    const DeliveryReport& report, const GraduateKeyOf& graduate_key,
    std::map<std::string, int64_t>& deltas, WriteBatch& batch) const {
  const std::string item_key = PushItemKey(report.run_id, report.number);
  auto stored =
      GetAs<v1::PushItem>(store_, Family::kPushItem, "push item", item_key);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return DeliveryOutcome::kNotFound;
  v1::PushItem item = **std::move(stored);
  if (item.push_id() != report.push_id) return DeliveryOutcome::kMismatch;
  if (item.state() != v1::PushItem::STATE_INTENT) {
    return DeliveryOutcome::kUnchanged;
  }

  const bool bounced = report.code == DeliveryReport::Code::kBounced;
  const std::string reason =
      bounced ? absl::StrCat("BOUNCED ", report.channel_reason)
              : report.channel_reason;
  if (bounced && item.state_reason() == reason) {
    return DeliveryOutcome::kUnchanged;
  }
  item.set_state_reason(reason);
  if (!bounced) {
    item.set_state(report.code == DeliveryReport::Code::kSent
                       ? v1::PushItem::STATE_SENT
                       : v1::PushItem::STATE_REFUSED);
    const size_t slash = item.graduate().rfind('/');
    const std::string owner =
        graduate_key(std::string_view(item.graduate()).substr(slash + 1));
    absl::StatusOr<std::vector<LedgerLine>> ledger = Ledger(owner);
    if (!ledger.ok()) return ledger.status();
    const auto line =
        std::find_if(ledger->begin(), ledger->end(), [&](const auto& l) {
          return l.entry.push_run() == report.run_id &&
                 l.entry.item() == report.number;
        });
    if (line == ledger->end()) {
      return absl::DataLossError("a push item has no entry in the ledger");
    }
    line->entry.set_state(item.state());
    batch.Put(Family::kLedger, LedgerKey(owner, line->canonical_key),
              line->entry.SerializeAsString());
    if (report.code == DeliveryReport::Code::kRefused) {
      --deltas[line->canonical_key];
    }
  }
  batch.Put(Family::kPushItem, item_key, item.SerializeAsString());
  return DeliveryOutcome::kRecorded;
}

absl::StatusOr<std::vector<DeliveryOutcome>> PushStore::RecordDeliveries(
    std::span<const DeliveryReport> reports, const GraduateKeyOf& graduate_key,
    const DeliveryAlso& also) {
  MutexLock lock(mu_);
  WriteBatch batch;
  std::map<std::string, int64_t> deltas;
  std::vector<DeliveryOutcome> outcomes;
  for (const DeliveryReport& report : reports) {
    auto outcome = RecordOne(report, graduate_key, deltas, batch);
    if (!outcome.ok()) return outcome.status();
    outcomes.push_back(*outcome);
  }
  if (absl::Status s = AddToCounters(deltas, batch); !s.ok()) return s;
  if (also) batch.Append(also(outcomes));
  if (batch.empty()) return outcomes;
  if (absl::Status s = store_.Write(batch, Durability::kSynced); !s.ok()) {
    return s;
  }
  return outcomes;
}

}  // namespace gradmatch
