#include "matcher/ingest/content_ingester.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "matcher/content_schema.h"
#include "matcher/encoder_input.h"
#include "matcher/ingest/batch_steps.h"
#include "matcher/ingest/content_references.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_content.h"
#include "matcher/ingest/posting_content.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/ingest/validate_content.h"

namespace gradmatch {
namespace {

using Result = v1::SyncRowResult;

std::string IdOf(const ContentOp& op) {
  if (op.action != IngestAction::kUpsert) return op.content_id;
  return std::string(ContentIdOfName(op.content.name()).value_or(""));
}

int64_t RevisionOf(const ContentOp& op) {
  return op.action == IngestAction::kUpsert ? op.content.revision()
                                            : op.revision;
}

void SetHead(const std::string& etag, int64_t revision, absl::Time created,
             absl::Time updated, v1::Content& content) {
  content.set_etag(etag);
  content.set_revision(revision);
  *content.mutable_create_time() = ProtoTimeOf(created);
  *content.mutable_update_time() = ProtoTimeOf(updated);
}

}  // namespace

// One wave of operations, each on another piece of content.
class ContentIngester::Batch {
 public:
  Batch(ContentIngester& ingester, const ContentIngestOptions& options,
        const ParallelFor& parallel)
      : ingester_(ingester), options_(options), parallel_(parallel) {}

  absl::Status Run(std::span<const ContentOp> ops,
                   std::span<const size_t> indexes, bool last,
                   std::vector<ContentRow>& rows);

 private:
  struct Item {
    const ContentOp* op = nullptr;
    ContentRow* row = nullptr;
    std::string key;
    v1::Content content;  // as it will be stored
    uint64_t hash = 0;
    StoredHead head;
    std::optional<v1::Content> stored;
    Outcome outcome = Outcome::kUnchanged;
    bool settled = false;
    bool raise_only = false;
    bool sandbox = false;
    std::optional<Embedding> embedding;
    absl::Status failed;  // the store's or the encoder's
  };

  void Identify(Item& item) const;
  absl::Status ReadStored();
  void DecideItem(Item& item) const;
  bool MayWrite(Item& item) const;
  void Prepare(Item& item) const;
  Change MakeChange(Item& item) const;
  absl::Status Commit(bool last, std::vector<ContentRow>& rows);
  void Finish(Item& item, const ChangeResult& result) const;

  void Refuse(Item& item, Outcome outcome) const;

  ContentIngester& ingester_;
  const ContentIngestOptions& options_;
  const ParallelFor& parallel_;
  std::vector<Item> items_;
};

absl::Status ContentIngester::Batch::Run(std::span<const ContentOp> ops,
                                         std::span<const size_t> indexes,
                                         bool last,
                                         std::vector<ContentRow>& rows) {
  PlaceItems(ops, indexes, rows, items_);
  ForEachOpen(parallel_, items_, [this](Item& item) { Identify(item); });
  const KeyLocks::Held held =
      ingester_.record_locks_.Acquire(LockKeysOf(items_));

  if (absl::Status s = ReadStored(); !s.ok()) return s;
  ForEachOpen(parallel_, items_, [this](Item& item) {
    if (MayWrite(item)) DecideItem(item);
  });
  ForEachOpen(parallel_, items_, [this](Item& item) {
    if (!item.raise_only) Prepare(item);
  });
  for (const Item& item : items_) {
    if (!item.failed.ok()) return item.failed;
  }
  return Commit(last, rows);
}

void ContentIngester::Batch::Identify(Item& item) const {
  const std::string id = IdOf(*item.op);
  if (!ContentIdOfName(MakeContentName(id)).has_value()) {
    const std::string& name = item.op->content.name();
    return RejectItem(
        item, absl::StatusCode::kInvalidArgument,
        {MakeRowError(name.empty() ? kFieldMissing : kNameInvalid, "name", name,
                      "contents/{content}，编号为 "
                      "[A-Za-z0-9][A-Za-z0-9._~-]{0,63}")});
  }
  item.key = ContentKey(id);
  item.row->name = MakeContentName(id);
  if (item.op->action != IngestAction::kUpsert) return;
  item.content = item.op->content;
  ClearOutputOnly(item.content);
  item.hash = HashContent(item.content,
                          absl::StrCat(A(kIngestVersion), " ",
                                       A(ingester_.screener_.rules_version())));
}

absl::Status ContentIngester::Batch::ReadStored() {
  std::vector<std::string> keys;
  std::vector<Item*> wanted;
  for (Item& item : items_) {
    if (item.settled) continue;
    keys.push_back(item.key);
    wanted.push_back(&item);
  }
  auto records = ingester_.catalog_.MultiGet(CollectionId::kContents, keys);
  if (!records.ok()) return records.status();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!(*records)[i].has_value()) continue;
    Item& item = *wanted[i];
    const Record& record = *(*records)[i];
    item.head = record.head;
    const bool needed = options_.return_records || !item.op->writer.empty();
    if (!item.head.exists || !needed) continue;
    absl::StatusOr<v1::Content> stored = ContentFromRecord(item.key, record);
    if (!stored.ok()) return stored.status();
    item.stored = *std::move(stored);
  }
  return absl::OkStatus();
}

// A source changes its own content only, and writes nothing for another.
bool ContentIngester::Batch::MayWrite(Item& item) const {
  const std::string& writer = item.op->writer;
  if (writer.empty()) return true;
  const bool upsert = item.op->action == IngestAction::kUpsert;
  const std::string& owner =
      item.stored.has_value() ? item.stored->source() : writer;
  if (owner == writer && (!upsert || item.content.source() == writer)) {
    return true;
  }
  RejectItem(
      item, absl::StatusCode::kInvalidArgument,
      {MakeRowError(kFieldReadOnly, "source",
                    owner == writer ? item.content.source() : owner,
                    absl::StrCat("本同步流只能写入属于 ", writer, " 的内容"))});
  return false;
}

void ContentIngester::Batch::DecideItem(Item& item) const {
  Change probe;
  probe.precondition = item.op->precondition;
  probe.revision = RevisionOf(*item.op);
  probe.tombstone = item.op->action == IngestAction::kDelete;
  probe.content_hash = item.hash;
  DecideOn(item, probe, [this](Item& i, Outcome o) { Refuse(i, o); });
}

void ContentIngester::Batch::Prepare(Item& item) const {
  if (item.op->action == IngestAction::kDelete) return;
  std::vector<v1::RowError> errors = ValidateContent(item.content);
  if (!errors.empty()) {
    return RejectItem(item, absl::StatusCode::kInvalidArgument,
                      std::move(errors));
  }
  absl::StatusCode code = absl::StatusCode::kOk;
  auto error =
      CheckContentSource(ingester_.sources_, item.content, item.sandbox, code);
  if (error.has_value()) return RejectItem(item, code, {*std::move(error)});
  NormalizeContent(ingester_.clock_.Now(), item.content);
  FlagScreening(ingester_.screener_, item.content);
  item.failed = FlagUnknownPostings(ingester_.catalog_, item.content);
  if (!item.failed.ok() || options_.validate_only ||
      !IsSearchable(item.content)) {
    return;
  }
  absl::StatusOr<Embedding> embedding =
      EncodeContent(ingester_.encoder_, item.content);
  item.failed = embedding.status();
  if (embedding.ok()) item.embedding = *std::move(embedding);
}

Change ContentIngester::Batch::MakeChange(Item& item) const {
  Change change;
  change.collection = CollectionId::kContents;
  change.key = item.key;
  change.id = item.row->name;
  change.revision = RevisionOf(*item.op);
  change.content_hash = item.hash;
  change.precondition = item.op->precondition;
  change.tombstone = item.op->action == IngestAction::kDelete;
  if (item.raise_only) return change;
  if (change.tombstone) return change;
  change.payload = item.content.SerializeAsString();
  if (item.embedding.has_value()) {
    change.row = IndexedRow{*std::move(item.embedding),
                            ContentAttributes(item.content, item.sandbox), ""};
  }
  return change;
}

absl::Status ContentIngester::Batch::Commit(bool last,
                                            std::vector<ContentRow>& rows) {
  for (Item& item : items_) {
    if (!item.settled && !item.raise_only) continue;
    if (!options_.return_records) continue;
    item.row->record = item.stored;
    if (item.raise_only) item.row->record->set_revision(RevisionOf(*item.op));
  }
  return CommitItems(
      ingester_.catalog_, options_, last, rows, items_,
      [this](Item& item) { return MakeChange(item); },
      [this](Item& item, const ChangeResult& result) { Finish(item, result); });
}

void ContentIngester::Batch::Finish(Item& item,
                                    const ChangeResult& result) const {
  ContentRow& row = *item.row;
  if (IsRefused(result.outcome)) return Refuse(item, result.outcome);
  row.etag = result.etag;
  if (!IsApplied(result.outcome)) {
    row.status = result.outcome == Outcome::kStale ? Result::STATUS_STALE
                                                   : Result::STATUS_UNCHANGED;
    return;
  }
  if (item.op->action == IngestAction::kDelete) {
    row.status = Result::STATUS_CLOSED;
    return;
  }
  row.status = result.outcome == Outcome::kCreated ? Result::STATUS_CREATED
                                                   : Result::STATUS_UPDATED;
  row.issues.assign(item.content.issues().begin(), item.content.issues().end());
  if (!options_.return_records) return;
  row.record = item.content;
  row.record->set_name(row.name);
  SetHead(result.etag, result.revision, result.create_time, result.update_time,
          *row.record);
}

void ContentIngester::Batch::Refuse(Item& item, Outcome outcome) const {
  const std::string& name = item.row->name;
  RefuseItem(
      item, outcome,
      {.not_found_reason = kContentNotFound,
       .name = name,
       .not_found =
           absl::StrCat("没有内容 ", name, "；请核对名称，或以新增方式写入"),
       .already_exists = absl::StrCat("内容 ", name, " 已存在；请改用更新"),
       .etag_mismatch =
           absl::StrCat("内容 ", name, " 已被他人修改；请读取最新记录后重试")});
}

ContentIngester::ContentIngester(Catalog& catalog, const Encoder& encoder,
                                 const Screener& screener, SourceLookup sources,
                                 const Clock& clock)
    : catalog_(catalog),
      encoder_(encoder),
      screener_(screener),
      sources_(std::move(sources)),
      clock_(clock) {}

absl::StatusOr<std::vector<ContentRow>> ContentIngester::Ingest(
    std::span<const ContentOp> ops, const ContentIngestOptions& options,
    const ParallelFor& parallel) {
  return IngestInWaves(
      ops, options, IdOf,
      [](const ContentOp& op) {
        return MakeRowError(kDuplicateId, "name", op.content.name(),
                            "一批中每条内容只出现一次");
      },
      [&](std::span<const size_t> wave, bool last,
          std::vector<ContentRow>& rows) {
        return Batch(*this, options, parallel).Run(ops, wave, last, rows);
      });
}

absl::StatusOr<v1::Content> ContentFromRecord(std::string_view key,
                                              const Record& record) {
  v1::Content content;
  if (!content.ParseFromString(record.payload)) {
    return absl::DataLossError(absl::StrCat(
        "content ", A(key), " does not parse; restore it from a backup"));
  }
  content.set_name(MakeContentName(key));
  SetHead(record.head.etag, record.head.revision, record.head.create_time,
          record.head.update_time, content);
  return content;
}

}  // namespace gradmatch
