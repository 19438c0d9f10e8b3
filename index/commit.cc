#include "index/commit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "index/keys.h"
#include "index/stored_embedding.h"

namespace gradmatch {
namespace {

size_t At(CollectionId collection) { return static_cast<size_t>(collection); }

// Where it is applied, not even a tombstone stays.
bool LeavesNothing(const Change& change) {
  return change.erase || change.forget_before.has_value();
}

}  // namespace

std::string GenerationKey() { return MetaKey("catalog_generation"); }

absl::Status Commit::Read(const Store& store,
                          std::span<ApplyCall* const> calls) {
  for (CollectionId collection : kCollections) {
    Slots& slots = slots_[At(collection)];
    std::vector<std::string> keys;
    for (const ApplyCall* call : calls) {
      for (const Change& change : call->changes) {
        if (change.collection != collection) continue;
        if (slots.try_emplace(change.key).second) keys.push_back(change.key);
      }
    }
    if (keys.empty()) continue;
    auto values = store.MultiGet(RecordFamily(collection), keys);
    if (!values.ok()) return values.status();
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!(*values)[i].has_value()) continue;
      Slot& slot = slots.find(keys[i])->second;
      auto record = ParseRecord(*(*values)[i]);
      slot.damaged = !record.ok();
      if (record.ok()) slot.record = *std::move(record);
    }
  }
  return absl::OkStatus();
}

Commit::Slot& Commit::SlotOf(const Change& change) {
  return slots_[At(change.collection)].find(change.key)->second;
}

bool Commit::IsDamaged(const ApplyCall& call) const {
  return std::any_of(
      call.changes.begin(), call.changes.end(), [&](const Change& change) {
        return slots_[At(change.collection)].find(change.key)->second.damaged;
      });
}

void Commit::Add(ApplyCall& call) {
  if (IsDamaged(call)) {
    call.status = absl::DataLossError(
        "a stored record of this call does not parse; restore it from a "
        "backup");
    return;
  }
  const uint64_t generation_before = generation_;
  std::vector<Step> steps = DecideAll(call);
  bool refused = false;
  bool writes = false;
  for (const Step& step : steps) {
    call.results.push_back(ResultOf(step));
    refused |= IsRefused(step.decision.outcome);
    writes |= IsApplied(step.decision.outcome) || step.decision.write_revision;
  }
  if (call.atomic && refused) {
    generation_ = generation_before;
    return;
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    Write(call.changes[i], std::move(steps[i]));
  }
  if (call.also_of_results) {
    batch_.Append(call.also_of_results(call.results));
  } else if (writes) {
    batch_.Append(call.also);
  }
}

// Decides without leaving a trace in the slots, so that an atomic call can be
// given up; a later change of a key sees the earlier ones of the call.
std::vector<Commit::Step> Commit::DecideAll(const ApplyCall& call) {
  std::vector<Step> steps;
  steps.reserve(call.changes.size());
  std::array<absl::flat_hash_map<std::string, size_t>, kCollectionCount> last;
  for (const Change& change : call.changes) {
    const auto [it, first] =
        last[At(change.collection)].try_emplace(change.key, steps.size());
    const Record& before =
        first ? SlotOf(change).record : steps[it->second].after;
    Step step = DecideOne(change, before);
    it->second = steps.size();
    steps.push_back(std::move(step));
  }
  return steps;
}

Commit::Step Commit::DecideOne(const Change& change, const Record& before) {
  Step step{Decide(before.head, change), before};
  StoredHead& head = step.after.head;
  if (!IsApplied(step.decision.outcome)) {
    if (step.decision.write_revision) head.revision = step.decision.revision;
    return step;
  }
  if (LeavesNothing(change)) {
    step.after = {};
    head.generation = ++generation_;
    return step;
  }
  if (step.decision.outcome == Outcome::kCreated || !head.exists) {
    head.create_time = now_;
  }
  head.exists = !change.tombstone;
  head.tombstone = change.tombstone;
  head.revision = step.decision.revision;
  head.content_hash = change.tombstone ? 0 : change.content_hash;
  head.generation = ++generation_;
  head.etag = head.exists ? EtagOf(head.generation) : "";
  head.update_time = now_;
  step.after.payload = change.tombstone ? "" : change.payload;
  return step;
}

ChangeResult Commit::ResultOf(const Step& step) const {
  const StoredHead& head = step.after.head;
  return {step.decision.outcome, head.etag,        head.generation,
          head.revision,         head.create_time, head.update_time};
}

void Commit::Write(Change& change, Step step) {
  if (change.also_only) {
    if (!IsRefused(step.decision.outcome)) batch_.Append(change.also);
    return;
  }
  const bool applied = IsApplied(step.decision.outcome);
  if (!applied && !step.decision.write_revision) return;
  Slot& slot = SlotOf(change);
  Effect& effect = effects_[At(change.collection)];
  const StoredHead& before = slot.record.head;
  const StoredHead& after = step.after.head;
  effect.records += int{after.exists} - int{before.exists};
  effect.tombstones += int{after.tombstone} - int{before.tombstone};
  if (LeavesNothing(change)) {
    batch_.Delete(RecordFamily(change.collection), change.key);
  } else {
    batch_.Put(RecordFamily(change.collection), change.key,
               SerializeRecord(step.after));
  }
  if (applied) {
    effect.touched = true;
    WriteRow(change);
    batch_.Append(change.also);
  }
  slot.record = std::move(step.after);
}

bool Commit::IsSearchable(const Change& change) const {
  const auto& row_of_id = row_of_id_[At(change.collection)];
  const auto it = row_of_id.find(change.id);
  if (it != row_of_id.end()) {
    return effects_[At(change.collection)].rows[it->second].row.has_value();
  }
  return collections_[At(change.collection)]
      ->CurrentSnapshot()
      ->Find(change.id)
      .has_value();
}

void Commit::WriteRow(Change& change) {
  const IndexShape& shape = collections_[At(change.collection)]->shape();
  if (change.tombstone || LeavesNothing(change)) change.row.reset();
  if (change.row.has_value()) {
    PutEmbedding(batch_, change.collection, change.key, shape,
                 change.row->embedding);
  } else if (IsSearchable(change)) {
    batch_.Delete(Family::kEmbedding,
                  StoredEmbeddingKey(change.collection, change.key, shape));
  } else {
    return;  // no row before, none after
  }
  std::vector<RowChange>& rows = effects_[At(change.collection)].rows;
  const auto [it, first] =
      row_of_id_[At(change.collection)].try_emplace(change.id, rows.size());
  if (first) {
    rows.push_back({change.id, std::move(change.row)});
  } else {
    rows[it->second].row = std::move(change.row);
  }
}

Commit::Effect Commit::TakeEffect(CollectionId collection) {
  return std::move(effects_[At(collection)]);
}

}  // namespace gradmatch
