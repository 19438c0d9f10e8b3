#ifndef GRADMATCH_MATCHER_INGEST_BATCH_STEPS_H_
#define GRADMATCH_MATCHER_INGEST_BATCH_STEPS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/error_reasons.h"
#include "index/catalog.h"
#include "index/change.h"
#include "index/content_hash.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/ingest.h"

namespace gradmatch {

// The steps that a batch of operations goes through whatever its records are;
// for the ingesters. An `Item` is one operation on its way:
//
//   const Op* op;      Row* row;         // what is asked, what is answered
//   std::string key;   StoredHead head;  // of the record
//   Outcome outcome;                     // what Decide said
//   bool settled;                        // answered: no step looks at it again
//   bool raise_only;                     // only its revision rises

template <typename Item, typename Op, typename Row>
void PlaceItems(std::span<const Op> ops, std::span<const size_t> indexes,
                std::vector<Row>& rows, std::vector<Item>& items) {
  items.resize(indexes.size());
  for (size_t i = 0; i < indexes.size(); ++i) {
    items[i].op = &ops[indexes[i]];
    items[i].row = &rows[indexes[i]];
  }
}

// Calls `body` on every item that is not settled, over `parallel`.
template <typename Item, typename Body>
void ForEachOpen(const ParallelFor& parallel, std::vector<Item>& items,
                 Body body) {
  ForEachChunk(parallel, items.size(), [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      if (!items[i].settled) body(items[i]);
    }
  });
}

// What KeyLocks take.
template <typename Item>
std::vector<uint64_t> LockKeysOf(const std::vector<Item>& items) {
  std::vector<uint64_t> keys;
  for (const Item& item : items) keys.push_back(ContentHash(item.key));
  return keys;
}

template <typename Item>
void SettleItem(Item& item, v1::SyncRowResult::Status status) {
  item.settled = true;
  item.row->status = status;
  item.row->etag = item.head.etag;
}

template <typename Item>
void RejectItem(Item& item, absl::StatusCode code,
                std::vector<v1::RowError> errors) {
  SettleItem(item, v1::SyncRowResult::STATUS_REJECTED);
  item.row->code = code;
  item.row->error = errors.front();
  item.row->errors = std::move(errors);
}

// How a refused outcome is told to whoever sent the row, in Chinese.
struct RefusalTexts {
  std::string_view not_found_reason;
  std::string_view name;  // as it may be quoted; may be empty
  std::string not_found;
  std::string already_exists;
  std::string etag_mismatch;
};
template <typename Item>
void RefuseItem(Item& item, Outcome outcome, RefusalTexts texts) {
  if (outcome == Outcome::kEtagMismatch) {
    v1::RowError error =
        MakeRowError(kEtagMismatch, "etag",
                     item.op->precondition.etag.value_or(""), item.head.etag);
    error.set_message(std::move(texts.etag_mismatch));
    return RejectItem(item, absl::StatusCode::kAborted, {std::move(error)});
  }
  const bool exists = outcome == Outcome::kAlreadyExists;
  v1::RowError error = MakeRowError(
      exists ? kAlreadyExists : texts.not_found_reason, "name", texts.name, "");
  error.set_message(std::move(exists ? texts.already_exists : texts.not_found));
  RejectItem(
      item,
      exists ? absl::StatusCode::kAlreadyExists : absl::StatusCode::kNotFound,
      {std::move(error)});
}

// Lets the rules of revisions decide on an item: settles it when there is
// nothing to write, and calls `refuse` when its precondition does not hold.
template <typename Item, typename Refuse>
void DecideOn(Item& item, const Change& probe, Refuse refuse) {
  if (auto error = CheckRevision(probe.revision); error.has_value()) {
    return RejectItem(item, absl::StatusCode::kInvalidArgument, {*error});
  }
  const Decision decision = Decide(item.head, probe);
  item.outcome = decision.outcome;
  if (IsRefused(item.outcome)) return refuse(item, item.outcome);
  if (item.outcome == Outcome::kStale) {
    return SettleItem(item, v1::SyncRowResult::STATUS_STALE);
  }
  if (item.outcome != Outcome::kUnchanged) return;
  item.raise_only = decision.write_revision;
  if (!item.raise_only) SettleItem(item, v1::SyncRowResult::STATUS_UNCHANGED);
}

// Whether nothing is to be written: asked so, or a row of all-or-nothing was
// rejected.
template <typename Item, typename Row>
bool IsDry(const IngestOptions<Row>& options, const std::vector<Item>& items) {
  if (options.validate_only) return true;
  if (!options.atomic) return false;
  for (const Item& item : items) {
    if (item.row->status == v1::SyncRowResult::STATUS_REJECTED) return true;
  }
  return false;
}

// Writes what is open of a batch, and answers it: `make_change` turns an item
// into its change, `finish` writes a result into its row. `last`: no batch of
// the call comes after this one.
template <typename Item, typename Row, typename MakeChange, typename Finish>
absl::Status CommitItems(Catalog& catalog, const IngestOptions<Row>& options,
                         bool last, std::vector<Row>& rows,
                         std::vector<Item>& items, MakeChange make_change,
                         Finish finish) {
  const bool dry = IsDry(options, items);
  std::vector<Item*> changed;
  std::vector<Change> changes;
  for (Item& item : items) {
    if (item.settled) continue;
    if (dry) {
      finish(item, {.outcome = item.outcome, .etag = item.head.etag});
      item.row->record.reset();
      continue;
    }
    changed.push_back(&item);
    changes.push_back(make_change(item));
  }
  const bool has_also = !dry && last && options.also != nullptr;
  if (changes.empty() && !has_also) return absl::OkStatus();
  const auto also = [&](std::span<const ChangeResult> results) {
    for (size_t i = 0; i < results.size(); ++i) finish(*changed[i], results[i]);
    return has_also ? options.also(rows) : WriteBatch();
  };
  return catalog.Apply(std::move(changes), options.atomic, Catalog::Also(also))
      .status();
}

// Rejects the later ones of operations on one record with `repeated(op)`: an
// all-or-nothing call makes each change once. Whether there were any.
template <typename Op, typename Row, typename IdOf, typename Repeated>
bool RejectRepeats(std::span<const Op> ops, IdOf id_of, Repeated repeated,
                   std::vector<Row>& rows) {
  std::unordered_set<std::string> seen;
  bool repeats = false;
  for (size_t i = 0; i < ops.size(); ++i) {
    const std::string id = id_of(ops[i]);
    if (id.empty() || seen.insert(id).second) continue;
    repeats = true;
    rows[i].status = v1::SyncRowResult::STATUS_REJECTED;
    rows[i].code = absl::StatusCode::kInvalidArgument;
    rows[i].error = repeated(ops[i]);
    rows[i].errors = {rows[i].error};
  }
  return repeats;
}

// Runs operations in waves: `run(indexes, last, rows)`. A wave ends before an
// id comes a second time, so that the later operation sees what the earlier one
// left; all-or-nothing takes one wave alone.
template <typename Op, typename Row, typename IdOf, typename Repeated,
          typename Run>
absl::StatusOr<std::vector<Row>> IngestInWaves(
    std::span<const Op> ops, const IngestOptions<Row>& options, IdOf id_of,
    Repeated repeated, Run run) {
  std::vector<Row> rows(ops.size());
  if (options.atomic && RejectRepeats(ops, id_of, repeated, rows)) return rows;
  size_t next = 0;
  do {
    std::unordered_set<std::string> ids;
    std::vector<size_t> wave;
    for (; next < ops.size(); ++next) {
      const std::string id = id_of(ops[next]);
      if (!id.empty() && !ids.insert(id).second) break;
      wave.push_back(next);
    }
    const absl::Status status =
        run(std::span<const size_t>(wave), next == ops.size(), rows);
    if (!status.ok()) return status;
  } while (next < ops.size());
  return rows;
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_BATCH_STEPS_H_
