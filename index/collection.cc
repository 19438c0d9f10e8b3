#include "index/collection.h"

#include <algorithm>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"

namespace gradmatch {
namespace {

// The live rows of each segment after taking out the rows of `changes`.
// Segments that lose nothing keep their row set; empty ones are dropped.
std::vector<SegmentView> WithoutChanged(std::span<const SegmentView> segments,
                                        std::span<const RowChange> changes) {
  std::vector<SegmentView> kept;
  for (const SegmentView& view : segments) {
    std::shared_ptr<RowSet> live;
    for (const RowChange& change : changes) {
      const std::optional<RowId> row = view.segment->Find(change.id);
      if (!row.has_value() || !view.live->Test(*row)) continue;
      if (live == nullptr) live = std::make_shared<RowSet>(*view.live);
      live->Clear(*row);
    }
    if (live == nullptr) {
      kept.push_back(view);
    } else if (live->Any()) {
      kept.push_back({view.segment, std::move(live)});
    }
  }
  return kept;
}

SegmentView AllLive(std::shared_ptr<const Segment> segment) {
  auto live = std::make_shared<const RowSet>(RowSet::All(segment->rows()));
  return {std::move(segment), std::move(live)};
}

}  // namespace

absl::Status ValidateRow(const IndexShape& shape, const IndexedRow& row) {
  const bool own = row.encoder_id.empty() || row.encoder_id == shape.encoder_id;
  if (!own || row.embedding.size() != shape.dimension) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, kIndexEncoderMismatch,
        absl::StrCat("row has ", row.embedding.size(), " numbers by encoder '",
                     own ? shape.encoder_id : row.encoder_id,
                     "'; the index has ", shape.dimension, " by '",
                     shape.encoder_id, "': encode it again"));
  }
  const absl::Status valid = ValidateEmbedding(row.embedding, shape.dimension);
  if (!valid.ok()) return valid;
  return ValidateAttributes(row.attributes, shape.schema);
}

Collection::Collection(IndexShape shape, MergeOptions merge)
    : shape_(std::move(shape)),
      merge_(merge),
      snapshot_(std::make_shared<const Snapshot>(0, shape_,
                                                 std::vector<SegmentView>())) {}

std::shared_ptr<const Snapshot> Collection::CurrentSnapshot() const {
  MutexLock lock(mu_);
  return snapshot_;
}

absl::StatusOr<std::shared_ptr<const Snapshot>> Collection::Prepare(
    uint64_t generation, std::vector<RowChange> changes) const {
  const std::shared_ptr<const Snapshot> current = CurrentSnapshot();
  std::vector<SegmentView> segments =
      WithoutChanged(current->segments(), changes);
  std::vector<SegmentRow> rows;
  for (RowChange& change : changes) {
    if (!change.row.has_value()) continue;
    rows.push_back({std::move(change.id), std::move(change.row->embedding),
                    std::move(change.row->attributes)});
  }
  if (!rows.empty()) {
    auto segment = Segment::Build(shape_, std::move(rows));
    if (!segment.ok()) return segment.status();
    segments.push_back(AllLive(*std::move(segment)));
  }
  return std::make_shared<const Snapshot>(generation, shape_,
                                          std::move(segments));
}

std::shared_ptr<const Snapshot> Collection::FromSegments(
    uint64_t generation,
    std::vector<std::shared_ptr<const Segment>> segments) const {
  std::vector<SegmentView> views;
  for (auto& segment : segments) views.push_back(AllLive(std::move(segment)));
  return std::make_shared<const Snapshot>(generation, shape_, std::move(views));
}

void Collection::Publish(std::shared_ptr<const Snapshot> next) {
  {
    MutexLock lock(mu_);
    snapshot_.swap(next);
  }
  // `next` is now the old snapshot; a large index is freed outside the lock.
}

absl::StatusOr<bool> Collection::MergeOnce() {
  const std::shared_ptr<const Snapshot> current = CurrentSnapshot();
  std::vector<SegmentSize> sizes;
  for (const SegmentView& view : current->segments()) {
    sizes.push_back({view.segment->rows(), view.live->Count()});
  }
  const std::vector<size_t> chosen = ChooseMerge(sizes, merge_);
  if (chosen.empty()) return false;
  if (absl::Status s = Merge(*current, chosen); !s.ok()) return s;
  return true;
}

absl::Status Collection::DropDeadRows() {
  while (true) {
    const std::shared_ptr<const Snapshot> current = CurrentSnapshot();
    const auto segments = current->segments();
    size_t i = 0;
    while (i < segments.size() &&
           segments[i].live->Count() == segments[i].segment->rows()) {
      ++i;
    }
    if (i == segments.size()) return absl::OkStatus();
    if (absl::Status s = Merge(*current, {i}); !s.ok()) return s;
  }
}

absl::Status Collection::Merge(const Snapshot& current,
                               const std::vector<size_t>& chosen) {
  std::vector<SegmentView> parts;
  std::vector<SegmentView> next;
  for (size_t i = 0; i < current.segments().size(); ++i) {
    const bool merged = std::binary_search(chosen.begin(), chosen.end(), i);
    (merged ? parts : next).push_back(current.segments()[i]);
  }
  auto segment = Segment::Merge(shape_, parts);
  if (!segment.ok()) return segment.status();
  next.push_back(AllLive(*std::move(segment)));
  Publish(std::make_shared<const Snapshot>(current.generation(), shape_,
                                           std::move(next)));
  return absl::OkStatus();
}

}  // namespace gradmatch
