#include "matcher/push/push_run.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "matcher/posting_keys.h"
#include "matcher/proto_time.h"
#include "matcher/push/graduate_reader.h"
#include "matcher/push/posting_pool.h"
#include "matcher/push/push_figures.h"
#include "matcher/push/push_item_builder.h"
#include "matcher/push/push_plan.h"
#include "matcher/push/push_retrieval.h"
#include "matcher/push/thread_team.h"
#include "matcher/push/timestamps.h"

namespace gradmatch {
namespace {

constexpr size_t kItemsPerRead = 1000;
// Graduates that one thread turns into items at a time.
constexpr size_t kGraduatesPerTask = 64;
// Of one chunk, when the ledger changes while it is worked out.
constexpr int kMostRepeats = 5;

bool IsAtEnd(v1::PushRun::State state) {
  return state == v1::PushRun::STATE_READY ||
         state == v1::PushRun::STATE_CANCELLED ||
         state == v1::PushRun::STATE_FAILED;
}

// One run being carried out. Used by one thread; the team helps.
class Execution {
 public:
  Execution(const PushRunParts& parts, const PushRunOptions& options,
            std::string_view run_id, const std::function<PushWord()>& word,
            PushProgress& progress)
      : parts_(parts),
        options_(options),
        run_id_(run_id),
        word_(word),
        progress_(progress),
        team_(options.threads) {}

  absl::StatusOr<PushEnd> Run();

 private:
  // The stages, in order.
  absl::Status Begin();
  absl::Status Select();
  absl::Status Retrieve();
  absl::Status Allocate();
  absl::Status Write();
  absl::Status Finish();

  absl::Status Stages();
  absl::Status EnterStage(v1::PushRun::State stage, int64_t total,
                          const PushStore::RunChange& change = nullptr);
  bool GoOn() const { return word_() == PushWord::kGoOn; }

  absl::Status ReadPriorities();

  // Parts of Write.
  absl::Status WriteChunk(size_t begin, size_t end);
  absl::Status TryWriteChunk(size_t begin, size_t end);
  absl::StatusOr<std::vector<GraduateItems>> BuildChunk(size_t begin,
                                                        size_t end);
  // Counts the chunk's priority graduates by whether they got the floor.
  void CountFloors(size_t first_selected, std::span<const GraduateItems> items,
                   size_t begin, v1::PushRunCheckpoint& floors) const;
  void NoteUncovered(size_t graduate, Suppression why, WriteBatch& batch) const;
  absl::Status CountItemsWritten();
  void FillFigures(v1::PushRunCounts& counts) const;
  uint64_t ExposureKey(std::string_view posting_name) const;

  const PushRunParts& parts_;
  const PushRunOptions& options_;
  const std::string run_id_;
  const std::function<PushWord()>& word_;
  PushProgress& progress_;
  ThreadTeam team_;

  v1::StoredPushRun run_;  // as stored
  v1::PushPlan plan_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::optional<PostingPool> pool_;
  RunContext context_;
  Roster roster_;
  std::optional<Retrieved> retrieved_;
  PriorityMarks priority_;
  std::optional<Allocation> allocation_;
  size_t next_selected_ = 0;  // into roster_.selected, while writing
  // Items of this run by group of the pool; by NameKey, which is never a small
  // number, where the group has no row any more.
  absl::flat_hash_map<uint64_t, int64_t> exposure_;
  std::vector<uint32_t> given_;  // items of this execution, by group
};

absl::StatusOr<PushEnd> Execution::Run() {
  const absl::Status done = Stages();
  if (done.ok()) return PushEnd::kReady;
  if (!absl::IsCancelled(done)) return done;
  if (word_() != PushWord::kCancel) return PushEnd::kStopped;
  const auto cancelled =
      parts_.push_store->ChangeRun(run_id_, [this](v1::StoredPushRun& run) {
        run.mutable_run()->set_state(v1::PushRun::STATE_CANCELLED);
        *run.mutable_run()->mutable_end_time() =
            TimestampOf(parts_.clock->Now());
      });
  if (!cancelled.ok()) return cancelled.status();
  progress_.stage = v1::PushRun::STATE_CANCELLED;
  return PushEnd::kCancelled;
}

absl::Status Execution::Stages() {
  for (const auto stage :
       {&Execution::Begin, &Execution::Select, &Execution::Retrieve,
        &Execution::Allocate, &Execution::Write, &Execution::Finish}) {
    if (!GoOn()) return absl::CancelledError("the run was stopped");
    if (absl::Status s = (this->*stage)(); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status Execution::EnterStage(v1::PushRun::State stage, int64_t total,
                                   const PushStore::RunChange& change) {
  auto stored =
      parts_.push_store->ChangeRun(run_id_, [&](v1::StoredPushRun& run) {
        run.mutable_run()->set_state(stage);
        if (change) change(run);
      });
  if (!stored.ok()) return stored.status();
  run_ = *std::move(stored);
  const int64_t now = absl::ToUnixMicros(parts_.clock->Now());
  const int64_t took = now - progress_.stage_began_micros;
  if (took > 0 && progress_.done > 0) {
    progress_.rates[progress_.stage] = 1e6 * progress_.done / took;
  }
  progress_.stage_began_micros = now;
  progress_.done = 0;
  progress_.total = total;
  progress_.stage = stage;
  return absl::OkStatus();
}

absl::Status Execution::Begin() {
  auto stored = parts_.push_store->GetRun(run_id_);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) {
    return MakeError(absl::StatusCode::kNotFound, kPushRunNotFound,
                     "没有这个推送批次");
  }
  if (IsAtEnd((*stored)->run().state())) {
    return absl::FailedPreconditionError("the run is at its end");
  }
  plan_ = WithDefaults((*stored)->run().plan());
  snapshot_ = parts_.catalog->CurrentSnapshot();
  const int64_t graduates = static_cast<int64_t>(
      parts_.catalog->Counts(CollectionId::kGraduates).records);
  const absl::Status entered = EnterStage(
      v1::PushRun::STATE_SELECTING, graduates, [this](v1::StoredPushRun& run) {
        if (run.run().has_start_time()) {
          run.mutable_run()->set_resumptions(run.run().resumptions() + 1);
        } else {
          *run.mutable_run()->mutable_start_time() =
              TimestampOf(parts_.clock->Now());
        }
        v1::AnswerVersions* versions = run.mutable_run()->mutable_versions();
        versions->set_generation(static_cast<int64_t>(snapshot_->generation()));
        versions->set_encoder(snapshot_->encoder_id());
        versions->set_ranker(std::string(parts_.ranker->version()));
      });
  if (!entered.ok()) return entered;
  // A resumed run scores as of its first start, so that a night's break changes
  // nothing.
  const absl::Time as_of = TimeOf(run_.run().start_time());
  absl::StatusOr<PostingPool> pool =
      PostingPool::Build(*snapshot_, *parts_.store, *parts_.push_store,
                         plan_.applicants_per_opening(), as_of);
  if (!pool.ok()) return pool.status();
  pool_ = *std::move(pool);
  given_.assign(pool_->open().size(), 0);
  context_ = {.parts = &parts_,
              .snapshot = snapshot_.get(),
              .pool = &*pool_,
              .plan = &plan_,
              .run_id = run_id_,
              .as_of = as_of};
  return CountItemsWritten();
}

absl::Status Execution::Select() {
  auto roster = SelectGraduates(
      *parts_.store, run_.checkpoint().last_graduate(), plan_.audience(),
      parts_.clock->Now(), [this](int64_t count) {
        progress_.done = count;
        return GoOn();
      });
  if (!roster.ok()) return roster.status();
  roster_ = *std::move(roster);
  progress_.done = static_cast<int64_t>(roster_.keys.size());
  return absl::OkStatus();
}

absl::Status Execution::Retrieve() {
  const auto selected = static_cast<int64_t>(roster_.selected.size());
  progress_.selected = selected;
  const absl::Status entered = EnterStage(
      v1::PushRun::STATE_RETRIEVING, selected, [&](v1::StoredPushRun& run) {
        v1::PushRunCounts& counts = *run.mutable_run()->mutable_counts();
        const int64_t done = run.checkpoint().graduates_done();
        counts.set_graduates_total(done +
                                   static_cast<int64_t>(roster_.keys.size()));
        counts.set_graduates_selected(done - SelectionSuppressed(counts) +
                                      selected);
      });
  if (!entered.ok()) return entered;
  auto retrieved =
      RetrieveEdges(context_, roster_, team_, [this](int64_t graduates) {
        progress_.done += graduates;
        return GoOn();
      });
  if (!retrieved.ok()) return retrieved.status();
  retrieved_ = *std::move(retrieved);
  return absl::OkStatus();
}

absl::Status Execution::ReadPriorities() {
  if (plan_.priority_floor() == 0) return absl::OkStatus();
  if (parts_.priorities == nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, kSealKeyMissing,
                     "计划设有保底，但服务未配置封存密钥");
  }
  auto marks = ReadPriorityMarks(*parts_.priorities, run_id_, roster_,
                                 retrieved_->edges, [this] { return GoOn(); });
  if (!marks.ok()) return marks.status();
  priority_ = *std::move(marks);
  return absl::OkStatus();
}

absl::Status Execution::Allocate() {
  const absl::Status entered =
      EnterStage(v1::PushRun::STATE_ALLOCATING, progress_.selected);
  if (!entered.ok()) return entered;
  if (absl::Status s = ReadPriorities(); !s.ok()) return s;
  const AllocationProblem problem = {
      .edges = &retrieved_->edges,
      .group_of = pool_->group_of(),
      .employer_of = pool_->employer_of(),
      .caps = pool_->caps(),
      .slots = plan_.slots(),
      .max_per_employer = plan_.max_per_employer(),
      .priority = priority_.marks(),
      .floor = plan_.priority_floor(),
      .stop = [this] { return !GoOn(); },
  };
  auto allocation = parts_.allocator->Allocate(problem);
  if (!allocation.ok()) return allocation.status();
  allocation_ = *std::move(allocation);
  progress_.done = progress_.selected.load();
  return absl::OkStatus();
}

absl::Status Execution::Write() {
  const absl::Status entered = EnterStage(
      v1::PushRun::STATE_WRITING, static_cast<int64_t>(roster_.keys.size()));
  if (!entered.ok()) return entered;
  const auto step = static_cast<size_t>(options_.graduates_per_write);
  for (size_t begin = 0; begin < roster_.keys.size(); begin += step) {
    if (!GoOn()) return absl::CancelledError("writing was stopped");
    const size_t end = std::min(begin + step, roster_.keys.size());
    const size_t first_selected = next_selected_;
    absl::Status written = WriteChunk(begin, end);
    // Staff told somebody of a posting by hand since the ledger was read: what
    // they get is worked out once more.
    for (int again = 0;
         again < kMostRepeats && absl::IsFailedPrecondition(written); ++again) {
      next_selected_ = first_selected;
      written = WriteChunk(begin, end);
    }
    if (!written.ok()) return written;
    progress_.done = static_cast<int64_t>(end);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<GraduateItems>> Execution::BuildChunk(size_t begin,
                                                                 size_t end) {
  // What was allocated, and nothing for the others.
  std::vector<GraduateItems> items(end - begin);
  std::vector<Chosen> chosen;
  std::vector<size_t> places;  // of `chosen` in `items`
  for (size_t g = begin; g < end; ++g) {
    GraduateItems& of_graduate = items[g - begin];
    of_graduate.suppression = roster_.suppression[g];
    if (of_graduate.suppression != Suppression::kNone) continue;
    const size_t index = next_selected_++;
    const std::span<const Edge> edges = retrieved_->edges.Of(index);
    const std::span<const uint16_t> picks = allocation_->Chosen(index);
    if (picks.empty()) {
      of_graduate.suppression = edges.empty() ? retrieved_->why_none[index]
                                              : Suppression::kCapsExhausted;
      continue;
    }
    Chosen& one = chosen.emplace_back();
    one.graduate_key = ToString(roster_.keys[g]);
    for (uint16_t place : picks) {
      one.rows.push_back(static_cast<RowId>(edges[place].posting));
    }
    places.push_back(g - begin);
  }

  const absl::Time now = parts_.clock->Now();
  const size_t tasks =
      (chosen.size() + kGraduatesPerTask - 1) / kGraduatesPerTask;
  const absl::Status built = team_.ForEach(tasks, [&](size_t task) {
    const size_t first = task * kGraduatesPerTask;
    const size_t count = std::min(kGraduatesPerTask, chosen.size() - first);
    auto part = BuildItems(
        context_, std::span<const Chosen>(chosen).subspan(first, count), now);
    if (!part.ok()) return part.status();
    for (size_t i = 0; i < count; ++i) {
      items[places[first + i]] = std::move((*part)[i]);
    }
    return absl::OkStatus();
  });
  if (!built.ok()) return built;
  return items;
}

void Execution::CountFloors(size_t first_selected,
                            std::span<const GraduateItems> items, size_t begin,
                            v1::PushRunCheckpoint& floors) const {
  if (plan_.priority_floor() == 0) return;
  const auto floor = static_cast<size_t>(plan_.priority_floor());
  size_t selected = first_selected;
  for (size_t i = 0; i < items.size(); ++i) {
    if (roster_.suppression[begin + i] != Suppression::kNone) continue;
    if (!priority_.Has(selected++)) continue;
    if (items[i].lines.size() >= floor) {
      floors.set_floors_met(floors.floors_met() + 1);
    } else {
      floors.set_floors_short(floors.floors_short() + 1);
    }
  }
}

// Whoever is erased between the building and the writing gets nothing: the
// chunk is built again.
absl::Status Execution::WriteChunk(size_t begin, size_t end) {
  const size_t first_selected = next_selected_;
  absl::Status written = TryWriteChunk(begin, end);
  while (absl::IsAborted(written)) {
    next_selected_ = first_selected;
    written = TryWriteChunk(begin, end);
  }
  return written;
}

absl::Status Execution::TryWriteChunk(size_t begin, size_t end) {
  const size_t first_selected = next_selected_;
  absl::StatusOr<std::vector<GraduateItems>> items = BuildChunk(begin, end);
  if (!items.ok()) return items.status();
  v1::PushRunCheckpoint floors;
  CountFloors(first_selected, *items, begin, floors);
  std::vector<PushLine> lines;
  std::vector<double> scores;
  SuppressionCounts suppressed{};
  WriteBatch uncovered;
  int64_t covered = 0;
  for (size_t i = 0; i < items->size(); ++i) {
    GraduateItems& of_graduate = (*items)[i];
    if (of_graduate.suppression != Suppression::kNone) {
      ++suppressed[static_cast<size_t>(of_graduate.suppression)];
      NoteUncovered(begin + i, of_graduate.suppression, uncovered);
      continue;
    }
    ++covered;
    for (PushLine& line : of_graduate.lines) {
      scores.push_back(line.item.score());
      lines.push_back(std::move(line));
    }
  }
  auto stored = parts_.push_store->AppendItems(
      run_id_, std::move(lines), absl::ToUnixMicros(parts_.clock->Now()),
      [&](v1::StoredPushRun& run) {
        v1::PushRunCheckpoint& checkpoint = *run.mutable_checkpoint();
        checkpoint.set_last_graduate(ToString(roster_.keys[end - 1]));
        checkpoint.set_graduates_done(checkpoint.graduates_done() +
                                      static_cast<int64_t>(end - begin));
        checkpoint.set_graduates_covered(checkpoint.graduates_covered() +
                                         covered);
        // One by one: the same bits whatever the size of a chunk.
        double sum = checkpoint.score_sum();
        for (double score : scores) sum += score;
        checkpoint.set_score_sum(sum);
        checkpoint.set_floors_met(checkpoint.floors_met() +
                                  floors.floors_met());
        checkpoint.set_floors_short(checkpoint.floors_short() +
                                    floors.floors_short());

        v1::PushRunCounts& counts = *run.mutable_run()->mutable_counts();
        counts.set_graduates_done(checkpoint.graduates_done());
        counts.set_graduates_covered(checkpoint.graduates_covered());
        counts.set_items(checkpoint.items());
        if (counts.items() > 0) counts.set_mean_score(sum / counts.items());
        AddSuppressions(suppressed, counts);
      },
      uncovered);
  if (!stored.ok()) return stored.status();
  run_ = *std::move(stored);
  for (const GraduateItems& of_graduate : *items) {
    if (of_graduate.suppression != Suppression::kNone) continue;
    for (uint32_t group : of_graduate.groups) {
      ++exposure_[group];
      ++given_[group];
    }
  }
  return absl::OkStatus();
}

void Execution::NoteUncovered(size_t graduate, Suppression why,
                              WriteBatch& batch) const {
  // What the record says by itself is not kept twice.
  if (IsSelectionCode(why)) return;
  PushStore::PutUncovered(ToString(roster_.keys[graduate]),
                          {run_id_, std::string(SuppressionCode(why))}, batch);
}

uint64_t Execution::ExposureKey(std::string_view posting_name) const {
  const std::optional<uint32_t> group = pool_->GroupOfName(posting_name);
  return group.has_value() ? *group : NameKey(posting_name);
}

absl::Status Execution::CountItemsWritten() {
  for (int64_t first = 0; first < run_.checkpoint().items();) {
    auto items = parts_.push_store->ReadItems(run_id_, first, kItemsPerRead);
    if (!items.ok()) return items.status();
    if (items->empty())
      return absl::DataLossError("items of a run are missing");
    for (const PushStore::NumberedItem& item : *items) {
      ++exposure_[ExposureKey(item.item.posting())];
    }
    first = items->back().number + 1;
  }
  return absl::OkStatus();
}

void Execution::FillFigures(v1::PushRunCounts& counts) const {
  std::vector<int64_t> values;
  int64_t at_cap = 0;
  for (size_t group = 0; group < pool_->open().size(); ++group) {
    if (!pool_->open()[group]) continue;
    const auto it = exposure_.find(group);
    values.push_back(it == exposure_.end() ? 0 : it->second);
    // Caps were read when this execution began; what it wrote came since.
    if (pool_->caps()[group] <= given_[group]) ++at_cap;
  }
  counts.set_postings_open(static_cast<int64_t>(values.size()));
  counts.set_postings_pushed(static_cast<int64_t>(exposure_.size()));
  counts.set_postings_at_cap(at_cap);
  counts.set_exposure_gini(Gini(std::move(values)));
  counts.set_graduates_selected(counts.graduates_done() -
                                SelectionSuppressed(counts));
}

absl::Status Execution::Finish() {
  return EnterStage(
      v1::PushRun::STATE_READY, 0, [this](v1::StoredPushRun& run) {
        v1::PushRunCounts& counts = *run.mutable_run()->mutable_counts();
        FillFigures(counts);
        counts.set_floors_met(CutToTens(run.checkpoint().floors_met()));
        counts.set_floors_short(CutToTens(run.checkpoint().floors_short()));
        *run.mutable_run()->mutable_end_time() =
            TimestampOf(parts_.clock->Now());
      });
}

}  // namespace

absl::StatusOr<PushEnd> ExecutePushRun(const PushRunParts& parts,
                                       const PushRunOptions& options,
                                       std::string_view run_id,
                                       const std::function<PushWord()>& word,
                                       PushProgress& progress) {
  return Execution(parts, options, run_id, word, progress).Run();
}

}  // namespace gradmatch
