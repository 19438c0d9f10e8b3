#include "matcher/ingest/graduate_ingester.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/code_registry.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "index/stored_embedding.h"
#include "matcher/encoder_input.h"
#include "matcher/ingest/batch_steps.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/graduate_record.h"
#include "matcher/ingest/normalize_graduate.h"
#include "matcher/ingest/posting_content.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/profile_in_use.h"

namespace gradmatch {
namespace {

using Result = v1::SyncRowResult;

std::string IdOf(const GraduateOp& op) {
  if (op.action != IngestAction::kUpsert) return op.graduate_id;
  return std::string(GraduateIdOfName(op.graduate.name()).value_or(""));
}

int64_t RevisionOf(const GraduateOp& op) {
  return op.action == IngestAction::kUpsert ? op.graduate.revision()
                                            : op.revision;
}

bool IsDecision(const GraduateOp& op) {
  return op.action == IngestAction::kUpsert && op.keeps == Keeps::kNothing;
}

}  // namespace

// One wave of operations, each on another graduate. As PostingIngester::Batch,
// without screening and groups.
class GraduateIngester::Batch {
 public:
  Batch(GraduateIngester& ingester, const GraduateIngestOptions& options,
        const ParallelFor& parallel)
      : ingester_(ingester), options_(options), parallel_(parallel) {}

  absl::Status Run(std::span<const GraduateOp> ops,
                   std::span<const size_t> indexes, bool last,
                   std::vector<GraduateRow>& rows);

 private:
  struct Item {
    const GraduateOp* op = nullptr;
    GraduateRow* row = nullptr;
    std::string key;
    v1::Graduate graduate;  // as it will be stored
    uint64_t hash = 0;
    StoredHead head;
    std::optional<v1::Graduate> stored;
    Outcome outcome = Outcome::kUnchanged;
    bool settled = false;
    bool raise_only = false;
    bool applied = false;  // set while the results are known
    std::optional<Embedding> embedding;
    absl::Status encoded;
  };

  void Identify(Item& item) const;
  absl::Status ReadStored();
  absl::Status RejectErased();
  void DecideItem(Item& item) const;
  void Prepare(Item& item) const;
  Change MakeChange(Item& item) const;
  absl::Status Commit(bool last, std::vector<GraduateRow>& rows);
  void Finish(Item& item, const ChangeResult& result) const;
  // Those with a decision that is not the stored one.
  std::vector<Item*> Deciding();
  void FillUnchanged(Item& item) const;

  void Refuse(Item& item, Outcome outcome) const;

  GraduateIngester& ingester_;
  const GraduateIngestOptions& options_;
  const ParallelFor& parallel_;
  std::vector<Item> items_;
};

absl::Status GraduateIngester::Batch::Run(std::span<const GraduateOp> ops,
                                          std::span<const size_t> indexes,
                                          bool last,
                                          std::vector<GraduateRow>& rows) {
  PlaceItems(ops, indexes, rows, items_);
  ForEachOpen(parallel_, items_, [this](Item& item) { Identify(item); });
  const KeyLocks::Held held =
      ingester_.record_locks_.Acquire(LockKeysOf(items_));

  if (absl::Status s = ReadStored(); !s.ok()) return s;
  ForEachOpen(parallel_, items_, [this](Item& item) { DecideItem(item); });
  ForEachOpen(parallel_, items_, [this](Item& item) {
    if (!item.raise_only) Prepare(item);
  });
  for (const Item& item : items_) {
    if (!item.encoded.ok()) return item.encoded;
  }
  return Commit(last, rows);
}

void GraduateIngester::Batch::Identify(Item& item) const {
  const std::string id = IdOf(*item.op);
  if (!GraduateIdOfName(MakeGraduateName(id)).has_value()) {
    return RejectItem(item, absl::StatusCode::kInvalidArgument,
                      {MakeRowError(kNameInvalid, "name", "",
                                    "graduates/{化名}，化名为 "
                                    "[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")});
  }
  // Deleting is allowed whatever the id.
  if (item.op->action == IngestAction::kUpsert && IdentifiesPerson(id)) {
    v1::RowError error = MakeRowError(kNameInvalid, "name", "", "化名");
    error.set_message(
        "graduates/ "
        "之后看来是身份证号或手机号；本服务只收化名，请换成不能认出本"
        "人的编号（如加盐哈希）后重发");
    return RejectItem(item, absl::StatusCode::kInvalidArgument,
                      {std::move(error)});
  }
  item.key = GraduateKey(ingester_.pseudonymizer_.Of(id));
  item.row->name = MakeGraduateName(id);
  if (item.op->action != IngestAction::kUpsert) return;
  item.graduate = item.op->graduate;
  ClearOutputOnly(item.graduate);
  if (item.op->keeps == Keeps::kNothing) {
    const v1::Graduate& decided = item.op->graduate;
    if (decided.has_placement()) {
      *item.graduate.mutable_placement() = decided.placement();
    }
    item.graduate.set_lifecycle_before_freeze(
        decided.lifecycle_before_freeze());
  }
  item.hash = HashContent(
      item.graduate, absl::StrCat(A(kIngestVersion), ImportedFingerprint()));
}

absl::Status GraduateIngester::Batch::ReadStored() {
  std::vector<std::string> keys;
  std::vector<Item*> wanted;
  for (Item& item : items_) {
    if (item.settled) continue;
    keys.push_back(item.key);
    wanted.push_back(&item);
  }
  const auto heads = ingester_.catalog_.Peek(CollectionId::kGraduates, keys);
  if (!heads.ok()) return heads.status();
  for (size_t i = 0; i < wanted.size(); ++i) {
    Item& item = *wanted[i];
    item.head = (*heads)[i];
    const bool upsert = item.op->action == IngestAction::kUpsert;
    if (upsert && item.head.content_hash == KeptHash(item.hash)) {
      item.hash = item.head.content_hash;
    }
    const bool replaced = upsert && item.head.content_hash != item.hash;
    const bool needed = options_.return_records || replaced ||
                        item.op->action == IngestAction::kClose;
    if (!item.head.exists || !needed) continue;
    const auto record =
        ingester_.catalog_.Get(CollectionId::kGraduates, item.key);
    if (!record.ok()) return record.status();
    absl::StatusOr<v1::Graduate> stored = GraduateFromRecord(*record);
    if (!stored.ok()) return stored.status();
    item.stored = *std::move(stored);
  }
  return RejectErased();
}

// An erased graduate has no record, not even a tombstone.
absl::Status GraduateIngester::Batch::RejectErased() {
  std::vector<std::string> keys;
  std::vector<Item*> unknown;
  for (Item& item : items_) {
    if (item.settled || item.head.exists || item.head.tombstone) continue;
    keys.push_back(
        ErasedKey(ingester_.pseudonymizer_.ErasedMark(IdOf(*item.op))));
    unknown.push_back(&item);
  }
  if (keys.empty()) return absl::OkStatus();
  const auto marks = ingester_.store_.MultiGet(Family::kErasure, keys);
  if (!marks.ok()) return marks.status();
  for (size_t i = 0; i < unknown.size(); ++i) {
    if (!(*marks)[i].has_value()) continue;
    v1::RowError error = MakeRowError(kGraduateErased, "name", "", "");
    error.set_message(std::string(GraduateWasErased().message()));
    RejectItem(*unknown[i], absl::StatusCode::kFailedPrecondition,
               {std::move(error)});
  }
  return absl::OkStatus();
}

void GraduateIngester::Batch::DecideItem(Item& item) const {
  Change probe;
  probe.precondition = item.op->precondition;
  probe.revision = RevisionOf(*item.op);
  probe.same_revision = IsDecision(*item.op);
  probe.tombstone = item.op->action == IngestAction::kDelete;
  if (item.op->action == IngestAction::kClose) {
    probe.precondition.must_exist = true;
    const bool placed =
        item.stored.has_value() &&
        item.stored->lifecycle() == v1::Graduate::LIFECYCLE_PLACED;
    item.hash =
        placed ? item.head.content_hash : ClosedHash(item.head.content_hash);
  }
  probe.content_hash = item.hash;
  DecideOn(item, probe, [this](Item& i, Outcome o) { Refuse(i, o); });
}

void GraduateIngester::Batch::Prepare(Item& item) const {
  if (item.op->action == IngestAction::kDelete) return;
  if (item.op->action == IngestAction::kClose) {
    item.graduate = *item.stored;
    item.graduate.set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
    return;
  }
  std::vector<v1::RowError> errors = ValidateGraduate(item.graduate);
  if (!errors.empty()) {
    return RejectItem(item, absl::StatusCode::kInvalidArgument,
                      std::move(errors));
  }
  if (item.stored.has_value() &&
      KeepDecisions(
          *item.stored, item.op->keeps,
          item.op->graduate.lifecycle() != v1::Graduate::LIFECYCLE_UNSPECIFIED,
          item.graduate)) {
    item.hash = KeptHash(item.hash);
  }
  NormalizeGraduate(item.graduate);
  // Only those who are looking and allow it are encoded.
  const v1::Preferences& preferences = item.graduate.preferences();
  const bool allowed =
      !preferences.has_personalisation() || preferences.personalisation();
  if (options_.validate_only || !allowed ||
      item.graduate.lifecycle() != v1::Graduate::LIFECYCLE_ACTIVE) {
    return;
  }
  absl::StatusOr<Embedding> embedding =
      EncodeProfile(ingester_.encoder_, ProfileInUse(item.graduate));
  item.encoded = embedding.status();
  if (embedding.ok()) item.embedding = *std::move(embedding);
}

Change GraduateIngester::Batch::MakeChange(Item& item) const {
  Change change;
  change.collection = CollectionId::kGraduates;
  change.key = item.key;
  change.id = item.row->name;
  change.revision = RevisionOf(*item.op);
  change.same_revision = IsDecision(*item.op);
  change.content_hash = item.hash;
  change.precondition = item.op->precondition;
  change.tombstone = item.op->action == IngestAction::kDelete;
  if (item.raise_only) return change;
  const EncoderInfo& info = ingester_.encoder_.info();
  const IndexShape shape{.encoder_id = info.id, .dimension = info.dimension};
  if (item.embedding.has_value()) {
    PutEmbedding(change.also, CollectionId::kGraduates, item.key, shape,
                 *item.embedding);
  } else {
    change.also.Delete(
        Family::kEmbedding,
        StoredEmbeddingKey(CollectionId::kGraduates, item.key, shape));
  }
  if (change.tombstone) {
    // Who comes back under the same id must not find them again.
    change.also.Delete(Family::kSealed, item.key);
    return change;
  }
  ClearHead(item.graduate);
  change.payload = item.graduate.SerializeAsString();
  return change;
}

absl::Status GraduateIngester::Batch::Commit(bool last,
                                             std::vector<GraduateRow>& rows) {
  for (Item& item : items_) {
    if (item.settled || item.raise_only) FillUnchanged(item);
  }
  const std::vector<Item*> deciding = Deciding();
  std::unique_ptr<DecisionSink::Pending> pending;
  if (!deciding.empty()) {
    auto begun = ingester_.sink_->Begin();
    if (!begun.ok()) return begun.status();
    pending = *std::move(begun);
  }
  absl::Status committed = CommitItems(
      ingester_.catalog_, options_, last, rows, items_,
      [this](Item& item) { return MakeChange(item); },
      [this](Item& item, const ChangeResult& result) { Finish(item, result); });
  if (!committed.ok() || pending == nullptr) return committed;
  std::vector<KeptDecision> decisions;
  for (const Item* item : deciding) {
    if (!item->applied) continue;
    const bool deleted = item->op->action == IngestAction::kDelete;
    decisions.push_back(
        {item->key, deleted,
         deleted ? v1::Graduate() : DecisionsOf(item->graduate)});
  }
  return pending->Keep(std::move(decisions));
}

std::vector<GraduateIngester::Batch::Item*>
GraduateIngester::Batch::Deciding() {
  std::vector<Item*> deciding;
  if (ingester_.sink_ == nullptr || IsDry(options_, items_)) return deciding;
  for (Item& item : items_) {
    if (item.settled || item.raise_only) continue;
    const bool deleted = item.op->action == IngestAction::kDelete;
    const bool same =
        !deleted &&
        (item.stored.has_value()
             ? SameDecisions(item.graduate, *item.stored)
             : !item.head.tombstone && HasNoDecisions(item.graduate));
    if (!same) deciding.push_back(&item);
  }
  return deciding;
}

void GraduateIngester::Batch::FillUnchanged(Item& item) const {
  if (!options_.return_records || !item.stored.has_value()) return;
  item.row->record = item.stored;
  if (item.raise_only) item.row->record->set_revision(RevisionOf(*item.op));
}

void GraduateIngester::Batch::Finish(Item& item,
                                     const ChangeResult& result) const {
  GraduateRow& row = *item.row;
  item.applied = IsApplied(result.outcome);
  if (IsRefused(result.outcome)) return Refuse(item, result.outcome);
  row.etag = result.etag;
  if (!IsApplied(result.outcome)) {
    row.status = result.outcome == Outcome::kStale ? Result::STATUS_STALE
                                                   : Result::STATUS_UNCHANGED;
    return;
  }
  if (item.op->action != IngestAction::kUpsert) {
    row.status = Result::STATUS_CLOSED;
  } else {
    row.status = result.outcome == Outcome::kCreated ? Result::STATUS_CREATED
                                                     : Result::STATUS_UPDATED;
    row.issues.assign(item.graduate.issues().begin(),
                      item.graduate.issues().end());
  }
  if (!options_.return_records || item.op->action == IngestAction::kDelete) {
    return;
  }
  row.record = item.graduate;
  SetHead(result.etag, result.revision, result.create_time, result.update_time,
          *row.record);
}

// The name is the caller's own word for the graduate, so it may be told to the
// caller; it is not logged.
void GraduateIngester::Batch::Refuse(Item& item, Outcome outcome) const {
  RefuseItem(
      item, outcome,
      {.not_found_reason = kGraduateNotFound,
       .name = "",
       .not_found = "没有这名毕业生；请核对化名，或以新增方式写入",
       .already_exists = "这名毕业生已存在；请改用更新",
       .etag_mismatch = "这名毕业生的记录已被他人修改；请读取最新记录后重试"});
}

GraduateIngester::GraduateIngester(Catalog& catalog, const Store& store,
                                   const Encoder& encoder,
                                   const Pseudonymizer& pseudonymizer)
    : catalog_(catalog),
      store_(store),
      encoder_(encoder),
      pseudonymizer_(pseudonymizer) {}

absl::Status GraduateIngester::Erase(std::string_view graduate_id,
                                     WriteBatch also) {
  Change change;
  change.collection = CollectionId::kGraduates;
  change.key = GraduateKey(pseudonymizer_.Of(graduate_id));
  change.id = MakeGraduateName(graduate_id);
  change.erase = true;
  const KeyLocks::Held held = record_locks_.Acquire({ContentHash(change.key)});
  const absl::StatusOr<bool> before = WasErased(graduate_id);
  if (!before.ok()) return before.status();
  if (*before) return GraduateWasErased();
  change.also.Put(Family::kErasure,
                  ErasedKey(pseudonymizer_.ErasedMark(graduate_id)), "");
  change.also.Append(also);
  return catalog_.Apply({std::move(change)}, /*atomic=*/true).status();
}

absl::StatusOr<bool> GraduateIngester::WasErased(
    std::string_view graduate_id) const {
  const auto mark = store_.Get(
      Family::kErasure, ErasedKey(pseudonymizer_.ErasedMark(graduate_id)));
  if (mark.ok()) return true;
  if (absl::IsNotFound(mark.status())) return false;
  return mark.status();
}

absl::StatusOr<std::vector<GraduateRow>> GraduateIngester::Ingest(
    std::span<const GraduateOp> ops, const GraduateIngestOptions& options,
    const ParallelFor& parallel) {
  return IngestInWaves(
      ops, options, IdOf,
      [](const GraduateOp&) {
        return MakeRowError(kDuplicateId, "name", "",
                            "一批中每名毕业生只出现一次");
      },
      [&](std::span<const size_t> wave, bool last,
          std::vector<GraduateRow>& rows) {
        return Batch(*this, options, parallel).Run(ops, wave, last, rows);
      });
}

}  // namespace gradmatch
