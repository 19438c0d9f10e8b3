// The second half of a wave: what was prepared becomes changes of the catalog,
// and their results become rows.
#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "matcher/encoder_input.h"
#include "matcher/ingest/batch_steps.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/posting_batch.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/posting_schema.h"

namespace gradmatch {
namespace {

using Result = v1::SyncRowResult;

// Sets what the record's head knows better than its payload.
void SetHead(const std::string& etag, int64_t revision, absl::Time created,
             absl::Time updated, v1::Posting& posting) {
  posting.set_etag(etag);
  posting.set_revision(revision);
  *posting.mutable_create_time() = ProtoTimeOf(created);
  *posting.mutable_update_time() = ProtoTimeOf(updated);
}

int64_t RevisionOf(const PostingOp& op) {
  return op.action == IngestAction::kUpsert ? op.posting.revision()
                                            : op.revision;
}

void ClearHead(v1::Posting& posting) {
  posting.clear_etag();
  posting.clear_revision();
  posting.clear_create_time();
  posting.clear_update_time();
}

}  // namespace

v1::SyncRowResult::Status PostingIngester::Batch::StatusOf(
    const Item& item) const {
  if (item.op->action != IngestAction::kUpsert) return Result::STATUS_CLOSED;
  if (item.held) return Result::STATUS_QUARANTINED;
  return item.outcome == Outcome::kCreated ? Result::STATUS_CREATED
                                           : Result::STATUS_UPDATED;
}

void PostingIngester::Batch::Refuse(Item& item, Outcome outcome) const {
  const std::string& name = item.row->name;
  RefuseItem(
      item, outcome,
      {.not_found_reason = kPostingNotFound,
       .name = name,
       .not_found =
           absl::StrCat("没有岗位 ", name, "；请核对编号，或以新增方式写入"),
       .already_exists = absl::StrCat("岗位 ", name, " 已存在；请改用更新"),
       .etag_mismatch =
           absl::StrCat("岗位 ", name, " 已被他人修改；请读取最新记录后重试")});
}

absl::Status PostingIngester::Batch::Encode() {
  std::vector<Item*> wanted;
  for (Item& item : items_) {
    if (!item.settled && !item.raise_only &&
        item.op->action == IngestAction::kUpsert &&
        IsSearchable(item.posting)) {
      wanted.push_back(&item);
    }
  }
  const size_t dimension = ingester_.encoder_.info().dimension;
  std::vector<absl::Status> statuses(wanted.size());
  ForEachChunk(call_.parallel, wanted.size(), [&](size_t begin, size_t end) {
    std::vector<EncoderText> texts;
    std::vector<EncoderInput> inputs;
    texts.reserve(end - begin);
    for (size_t i = begin; i < end; ++i) {
      inputs.push_back(texts.emplace_back(wanted[i]->posting).input());
    }
    std::vector<float> out(inputs.size() * dimension);
    statuses[begin] = ingester_.encoder_.Encode(inputs, Side::kPosting, out);
    for (size_t i = begin; i < end; ++i) {
      const auto row = out.begin() + (i - begin) * dimension;
      wanted[i]->embedding.assign(row, row + dimension);
    }
  });
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

Change PostingIngester::Batch::MakeChange(Item& item) const {
  const PostingOp& op = *item.op;
  Change change;
  change.key = item.key;
  change.id = item.row->name;
  change.revision = RevisionOf(op);
  change.content_hash = item.hash;
  change.precondition = op.precondition;
  change.tombstone = op.action == IngestAction::kDelete;
  if (item.raise_only) return change;

  const std::string entry_key = QuarantineKey(call_.source.id, Batch::IdOf(op));
  if (item.stored.has_value() &&
      item.stored->state() == v1::Posting::STATE_QUARANTINED && !item.held) {
    change.also.Delete(Family::kQuarantine, entry_key);
  }
  if (change.tombstone) {
    change.also.Delete(Family::kRawRow, item.key);
    return change;
  }
  ClearHead(item.posting);
  change.payload = item.posting.SerializeAsString();
  if (IsSearchable(item.posting)) {
    change.row = IndexedRow{
        .embedding = std::move(item.embedding),
        .attributes = PostingAttributes(item.posting, call_.source.sandbox)};
  }
  if (item.held) {
    v1::QuarantineEntry entry;
    entry.set_name(absl::StrCat("sources/", call_.source.id,
                                "/quarantineEntries/", Batch::IdOf(op)));
    entry.set_posting(item.row->name);
    for (const v1::RuleVerdict& verdict : item.verdicts) {
      *entry.add_verdicts() = verdict;
    }
    *entry.mutable_create_time() = ProtoTimeOf(call_.now);
    change.also.Put(Family::kQuarantine, entry_key, entry.SerializeAsString());
  }
  if (!op.raw.empty()) {
    v1::StoredRawRow raw;
    raw.set_raw(op.raw);
    raw.set_receive_time_micros(absl::ToUnixMicros(call_.now));
    change.also.Put(Family::kRawRow, item.key, raw.SerializeAsString());
  }
  return change;
}

void PostingIngester::Batch::Finish(Item& item,
                                    const ChangeResult& result) const {
  PostingRow& row = *item.row;
  item.outcome = result.outcome;
  if (IsRefused(result.outcome)) return Refuse(item, result.outcome);
  row.etag = result.etag;
  if (!IsApplied(result.outcome)) {
    row.status = result.outcome == Outcome::kStale ? Result::STATUS_STALE
                                                   : Result::STATUS_UNCHANGED;
    return;
  }
  row.status = StatusOf(item);
  if (item.op->action == IngestAction::kUpsert) {
    row.issues.assign(item.posting.issues().begin(),
                      item.posting.issues().end());
  }
  if (call_.options.return_records &&
      item.op->action != IngestAction::kDelete) {
    row.record = item.posting;
    SetHead(result.etag, result.revision, result.create_time,
            result.update_time, *row.record);
  }
}

// Records of rows that changed nothing, for callers that want them.
absl::Status PostingIngester::Batch::FillUnchangedRecords() {
  if (!call_.options.return_records) return absl::OkStatus();
  for (Item& item : items_) {
    if (!item.head.exists || (!item.settled && !item.raise_only)) continue;
    const absl::StatusOr<Record> record =
        ingester_.catalog_.Get(CollectionId::kPostings, item.key);
    if (!record.ok()) return record.status();
    absl::StatusOr<v1::Posting> posting = PostingFromRecord(item.key, *record);
    if (!posting.ok()) return posting.status();
    if (item.raise_only) posting->set_revision(RevisionOf(*item.op));
    item.row->record = *std::move(posting);
  }
  return absl::OkStatus();
}

absl::Status PostingIngester::Batch::Commit(bool last,
                                            std::vector<PostingRow>& rows) {
  if (IsDry(call_.options, items_)) {
    for (Item& item : items_) {
      if (item.settled) continue;
      item.row->status =
          item.raise_only ? Result::STATUS_UNCHANGED : StatusOf(item);
      item.row->issues.assign(item.posting.issues().begin(),
                              item.posting.issues().end());
    }
    return absl::OkStatus();
  }
  if (absl::Status s = ReadStored(/*all=*/true); !s.ok()) return s;
  if (absl::Status s = Encode(); !s.ok()) return s;
  if (absl::Status s = FillUnchangedRecords(); !s.ok()) return s;
  WriteBatch groups;
  const absl::StatusOr<KeyLocks::Held> held = Group(groups);
  if (!held.ok()) return held.status();

  std::vector<Item*> changed;
  std::vector<Change> changes;
  for (Item& item : items_) {
    if (item.settled) continue;
    changed.push_back(&item);
    changes.push_back(MakeChange(item));
  }
  const bool has_also = last && call_.options.also != nullptr;
  if (changes.empty() && !has_also) return absl::OkStatus();

  const auto also = [&](std::span<const ChangeResult> results) {
    for (size_t i = 0; i < results.size(); ++i) Finish(*changed[i], results[i]);
    WriteBatch batch = groups;
    if (has_also) batch.Append(call_.options.also(rows));
    return batch;
  };
  const auto results = ingester_.catalog_.Apply(
      std::move(changes), call_.options.atomic, Catalog::Also(also));
  return results.status();
}

absl::StatusOr<v1::Posting> PostingFromRecord(std::string_view key,
                                              const Record& record) {
  v1::Posting posting;
  if (!posting.ParseFromString(record.payload)) {
    return absl::DataLossError(absl::StrCat(
        "posting ", A(key), " does not parse; restore it from a backup"));
  }
  posting.set_name(PostingNameOfKey(key));
  if (record.head.tombstone) posting.set_state(v1::Posting::STATE_DELETED);
  SetHead(record.head.etag, record.head.revision, record.head.create_time,
          record.head.update_time, posting);
  return posting;
}

}  // namespace gradmatch
