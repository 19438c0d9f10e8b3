#include "matcher/ingest/posting_batch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/clock.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/code_registry.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "matcher/ingest/batch_steps.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/ingest/posting_content.h"
#include "matcher/ingest/posting_limits.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/ingest/validate_posting.h"
#include "matcher/posting_schema.h"

namespace gradmatch {

using Result = v1::SyncRowResult;

std::string PostingIngester::Batch::IdOf(const PostingOp& op) {
  if (!op.posting_id.empty()) return op.posting_id;
  const std::string& raw = op.action == IngestAction::kUpsert
                               ? op.posting.source_posting_id()
                               : op.source_posting_id;
  return raw.empty() ? "" : PostingIdFor(raw);
}

absl::Status PostingIngester::Batch::Run(std::span<const PostingOp> ops,
                                         std::span<const size_t> indexes,
                                         bool last,
                                         std::vector<PostingRow>& rows) {
  PlaceItems(ops, indexes, rows, items_);
  ForEachOpen(call_.parallel, items_, [this](Item& item) { Identify(item); });
  const KeyLocks::Held held =
      ingester_.record_locks_.Acquire(LockKeysOf(items_));

  if (absl::Status s = ReadStored(/*all=*/false); !s.ok()) return s;
  ForEachOpen(call_.parallel, items_, [this](Item& item) { DecideItem(item); });
  ForEachOpen(call_.parallel, items_, [this](Item& item) {
    if (item.raise_only || item.op->action == IngestAction::kDelete) return;
    item.op->action == IngestAction::kClose ? PrepareClose(item)
                                            : PrepareUpsert(item);
  });
  return Commit(last, rows);
}

// Numbers the times that a posting without a last day is taken anew, while its
// source goes on sending it as it was: three times in the life we give it, on
// another day for each posting. Else it would end while its source lists it.
int64_t PostingIngester::Batch::LifePeriod(const Item& item) const {
  if (item.posting.has_expire_time()) return 0;
  const int64_t days = std::max<int64_t>(
      1, absl::ToInt64Hours(ingester_.options_.default_life) / 24 / 3);
  const int64_t shift = static_cast<int64_t>(ContentHash(item.key) % days);
  return (ChinaDay(call_.now) + shift) / days;
}

void PostingIngester::Batch::Identify(Item& item) const {
  const PostingOp& op = *item.op;
  const std::string id = IdOf(op);
  const bool upsert = op.action == IngestAction::kUpsert;
  const std::string& raw_id =
      upsert ? op.posting.source_posting_id() : op.source_posting_id;
  if (id.empty()) {
    return RejectItem(item, absl::StatusCode::kInvalidArgument,
                      {MakeRowError(kFieldMissing, "source_posting_id", "",
                                    "来源自己的岗位编号，1 至 200 个字符")});
  }
  if (!IsValidId(id)) {
    return RejectItem(item, absl::StatusCode::kInvalidArgument,
                      {MakeRowError(kNameInvalid, "name", id,
                                    "[A-Za-z0-9._~-]，1 至 64 个字符")});
  }
  if (upsert && !raw_id.empty() && PostingIdFor(raw_id) != id) {
    return RejectItem(
        item, absl::StatusCode::kInvalidArgument,
        {MakeRowError(kNameInvalid, "source_posting_id", raw_id,
                      absl::StrCat("与资源名一致的编号 (", id, ")"),
                      PostingIdFor(raw_id))});
  }
  item.key = PostingKey(call_.source.id, id);
  item.row->name = MakePostingName(call_.source.id, id);
  if (op.raw.size() > kPostingLimits.raw_row_bytes) {
    return RejectItem(
        item, absl::StatusCode::kInvalidArgument,
        {MakeRowError(
            kFieldTooLong, "raw", absl::StrCat(op.raw.size(), " 字节"),
            absl::StrCat("至多 ", kPostingLimits.raw_row_bytes, " 字节"))});
  }
  if (!upsert) return;
  item.posting = op.posting;
  ClearOutputOnly(item.posting);
  item.hash = HashContent(
      item.posting,
      absl::StrCat(A(kIngestVersion), A(ingester_.screener_.rules_version()),
                   call_.source.sandbox ? " sandbox" : "",
                   ImportedFingerprint(), " ", LifePeriod(item)));
}

// Heads of all records; with `all`, and for operations that need what is
// stored, the records themselves.
absl::Status PostingIngester::Batch::ReadStored(bool all) {
  std::vector<std::string> keys;
  std::vector<Item*> wanted;
  for (Item& item : items_) {
    const bool changes = !item.settled && !item.raise_only;
    if (all ? changes && item.head.exists && !item.stored.has_value()
            : changes) {
      keys.push_back(item.key);
      wanted.push_back(&item);
    }
  }
  if (!all) {
    const auto heads = ingester_.catalog_.Peek(CollectionId::kPostings, keys);
    if (!heads.ok()) return heads.status();
    for (size_t i = 0; i < wanted.size(); ++i) {
      wanted[i]->head = (*heads)[i];
    }
    // Closing needs the posting itself.
    std::erase_if(wanted, [](const Item* item) {
      return item->op->action != IngestAction::kClose || !item->head.exists;
    });
    keys.clear();
    for (const Item* item : wanted) keys.push_back(item->key);
  }
  if (keys.empty()) return absl::OkStatus();
  const auto records =
      ingester_.catalog_.MultiGet(CollectionId::kPostings, keys);
  if (!records.ok()) return records.status();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!(*records)[i].has_value()) continue;
    absl::StatusOr<v1::Posting> posting =
        PostingFromRecord(wanted[i]->key, *(*records)[i]);
    if (!posting.ok()) return posting.status();
    wanted[i]->stored = *std::move(posting);
  }
  return absl::OkStatus();
}

// What the catalog will say, so that nothing is prepared in vain. The locks on
// the records keep it true until Apply.
void PostingIngester::Batch::DecideItem(Item& item) const {
  Change probe;
  probe.precondition = item.op->precondition;
  probe.revision = item.op->revision;
  switch (item.op->action) {
    case IngestAction::kUpsert:
      probe.revision = item.op->posting.revision();
      break;
    case IngestAction::kClose: {
      probe.precondition.must_exist = true;
      const bool closed = item.stored.has_value() &&
                          item.stored->state() == v1::Posting::STATE_CLOSED;
      item.hash =
          closed ? item.head.content_hash : ClosedHash(item.head.content_hash);
      break;
    }
    case IngestAction::kDelete:
      probe.tombstone = true;
      break;
  }
  probe.content_hash = item.hash;
  DecideOn(item, probe, [this](Item& i, Outcome o) { Refuse(i, o); });
}

void PostingIngester::Batch::PrepareClose(Item& item) const {
  item.posting = *item.stored;
  item.posting.set_state(v1::Posting::STATE_CLOSED);
}

void PostingIngester::Batch::PrepareUpsert(Item& item) const {
  v1::Posting& posting = item.posting;
  std::vector<v1::RowError> errors = ValidatePosting(posting);
  if (errors.empty()) {
    NormalizePosting(call_.now, ingester_.options_.default_life, posting);
    // Markup alone was text before cleaning.
    if (posting.title().empty()) {
      errors.push_back(
          MakeRowError(kFieldMissing, "title", "", "至少一个字符"));
    }
    if (posting.employer().name().empty()) {
      errors.push_back(
          MakeRowError(kFieldMissing, "employer.name", "", "至少一个字符"));
    }
  }
  if (!errors.empty()) {
    return RejectItem(item, absl::StatusCode::kInvalidArgument,
                      std::move(errors));
  }
  item.verdicts = ingester_.screener_.Screen(posting);
  for (const v1::RuleVerdict& verdict : item.verdicts) {
    if (verdict.severity() == v1::RuleVerdict::SEVERITY_REJECT) {
      v1::RowError error =
          MakeRowError(verdict.rule(), verdict.field(), verdict.excerpt(), "");
      error.set_message(verdict.message());
      return RejectItem(item, absl::StatusCode::kInvalidArgument, {error});
    }
    *posting.add_issues() = MakeIssue(verdict.rule(), verdict.field(),
                                      verdict.excerpt(), verdict.message());
  }
  item.held = HoldsBack(item.verdicts) &&
              (posting.state() == v1::Posting::STATE_OPEN ||
               posting.state() == v1::Posting::STATE_EXPIRED);
  if (item.held) posting.set_state(v1::Posting::STATE_QUARANTINED);
  posting.set_name(item.row->name);
  item.fingerprint = DuplicateFingerprint(posting);
}

bool PostingIngester::Batch::Grouped(const v1::Posting& posting) const {
  return !call_.source.sandbox && posting.state() != v1::Posting::STATE_DRAFT &&
         posting.state() != v1::Posting::STATE_CLOSED;
}

absl::Status PostingIngester::Batch::GroupItem(
    Item& item, DuplicateGroups::Edit& edit) const {
  std::string old_group;
  if (item.stored.has_value()) {
    old_group = PostingKeyOfName(item.stored->canonical_posting()).value_or("");
  }
  if (item.op->action == IngestAction::kDelete || !Grouped(item.posting)) {
    item.posting.clear_canonical_posting();
    return edit.Leave(item.key, old_group);
  }
  absl::StatusOr<std::string> group =
      edit.Join(item.key, item.fingerprint, old_group);
  if (!group.ok()) return group.status();
  item.posting.set_canonical_posting(PostingNameOfKey(*group));
  return absl::OkStatus();
}

// Which groups are touched is known only after looking, and looking is valid
// only under their locks: so look, lock, and look again until all is locked.
absl::StatusOr<KeyLocks::Held> PostingIngester::Batch::Group(
    WriteBatch& groups) {
  std::vector<uint64_t> wanted;
  for (const Item& item : items_) {
    if (!item.settled && !item.raise_only) {
      wanted.push_back(item.fingerprint);
      wanted.push_back(ContentHash(item.key));
    }
  }
  while (true) {
    KeyLocks::Held held = ingester_.group_locks_.Acquire(wanted);
    DuplicateGroups::Edit edit(ingester_.groups_);
    for (Item& item : items_) {
      if (item.settled || item.raise_only) continue;
      if (absl::Status s = GroupItem(item, edit); !s.ok()) return s;
    }
    const std::vector<uint64_t>& touched = edit.touched();
    if (std::all_of(touched.begin(), touched.end(),
                    [&](uint64_t key) { return held.Has(key); })) {
      edit.AddTo(groups);
      return held;
    }
    wanted.insert(wanted.end(), touched.begin(), touched.end());
  }
}

}  // namespace gradmatch
