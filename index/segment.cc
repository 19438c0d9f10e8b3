#include "index/segment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gradmatch {
namespace {

// Record ids one after the other; row r has [begin[r], begin[r + 1]).
struct IdArena {
  std::string bytes;
  std::vector<uint64_t> begin = {0};
  void Add(std::string_view id) {
    bytes.append(id);
    begin.push_back(bytes.size());
  }
};

absl::Status ValidateRows(const IndexShape& shape,
                          const std::vector<SegmentRow>& sorted) {
  if (sorted.empty()) {
    return absl::InvalidArgumentError("a segment has one row at least");
  }
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i > 0 && sorted[i - 1].id == sorted[i].id) {
      return absl::InvalidArgumentError(
          "two rows of one segment have the same record id");
    }
    absl::Status valid =
        ValidateEmbedding(sorted[i].embedding, shape.dimension);
    if (!valid.ok()) return valid;
    valid = ValidateAttributes(sorted[i].attributes, shape.schema);
    if (!valid.ok()) return valid;
  }
  return absl::OkStatus();
}

struct LiveRow {
  std::string_view id;
  const Segment* segment;
  RowId row;
};

std::vector<LiveRow> LiveRowsById(std::span<const SegmentView> parts) {
  std::vector<LiveRow> rows;
  for (const SegmentView& part : parts) {
    part.live->ForEach([&](RowId row) {
      rows.push_back({part.segment->Id(row), part.segment.get(), row});
    });
  }
  std::sort(rows.begin(), rows.end(),
            [](const LiveRow& a, const LiveRow& b) { return a.id < b.id; });
  return rows;
}

}  // namespace

Segment::Segment(std::string encoder_id, std::string id_bytes,
                 std::vector<uint64_t> id_begin, Attributes attributes,
                 std::unique_ptr<FaissFlatIndex> vectors)
    : encoder_id_(std::move(encoder_id)),
      id_bytes_(std::move(id_bytes)),
      id_begin_(std::move(id_begin)),
      attributes_(std::move(attributes)),
      vectors_(std::move(vectors)),
      scan_(vectors_->vectors(), vectors_->dimension()),
      coded_(vectors_->vectors(), vectors_->dimension()) {}

absl::StatusOr<std::shared_ptr<const Segment>> Segment::Build(
    const IndexShape& shape, std::vector<SegmentRow> rows) {
  std::sort(
      rows.begin(), rows.end(),
      [](const SegmentRow& a, const SegmentRow& b) { return a.id < b.id; });
  const absl::Status valid = ValidateRows(shape, rows);
  if (!valid.ok()) return valid;

  IdArena ids;
  Attributes::Builder attributes(shape.schema);
  attributes.Reserve(rows.size());
  std::vector<float> vectors;
  vectors.reserve(rows.size() * shape.dimension);
  for (const SegmentRow& row : rows) {
    ids.Add(row.id);
    attributes.Add(row.attributes);
    vectors.insert(vectors.end(), row.embedding.begin(), row.embedding.end());
  }
  auto index = FaissFlatIndex::Build(vectors, shape.dimension);
  if (!index.ok()) return index.status();
  return std::shared_ptr<const Segment>(
      new Segment(shape.encoder_id, std::move(ids.bytes), std::move(ids.begin),
                  std::move(attributes).Build(), *std::move(index)));
}

absl::StatusOr<std::shared_ptr<const Segment>> Segment::Merge(
    const IndexShape& shape, std::span<const SegmentView> parts) {
  const std::vector<LiveRow> rows = LiveRowsById(parts);
  if (rows.empty()) {
    return absl::InvalidArgumentError("no row to merge is live");
  }
  IdArena ids;
  Attributes::Builder attributes(shape.schema);
  attributes.Reserve(rows.size());
  std::vector<float> vectors;
  vectors.reserve(rows.size() * shape.dimension);
  for (size_t i = 0; i < rows.size(); ++i) {
    const LiveRow& row = rows[i];
    if (i > 0 && rows[i - 1].id == row.id) {
      return absl::InternalError("a record id is live in two segments");
    }
    ids.Add(row.id);
    attributes.AddFrom(row.segment->attributes(), row.row);
    const std::span<const float> vector = row.segment->Vector(row.row);
    vectors.insert(vectors.end(), vector.begin(), vector.end());
  }
  auto index = FaissFlatIndex::Build(vectors, shape.dimension);
  if (!index.ok()) return index.status();
  return std::shared_ptr<const Segment>(
      new Segment(shape.encoder_id, std::move(ids.bytes), std::move(ids.begin),
                  std::move(attributes).Build(), *std::move(index)));
}

std::string_view Segment::Id(RowId row) const {
  const uint64_t begin = id_begin_[Index(row)];
  return std::string_view(id_bytes_).substr(begin,
                                            id_begin_[Index(row) + 1] - begin);
}

std::optional<RowId> Segment::Find(std::string_view id) const {
  size_t low = 0;
  size_t high = rows();
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (Id(static_cast<RowId>(middle)) < id) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const auto row = static_cast<RowId>(low);
  if (low == rows() || Id(row) != id) return std::nullopt;
  return row;
}

const VectorIndex& Segment::index(SearchPlan plan) const {
  switch (plan) {
    case SearchPlan::kFlat:
      return *vectors_;
    case SearchPlan::kCodedScan:
      return coded_;
    case SearchPlan::kExactScan:
      break;
  }
  return scan_;
}

size_t Segment::MemoryBytes() const {
  return sizeof *this + id_bytes_.capacity() +
         id_begin_.capacity() * sizeof id_begin_[0] +
         attributes_.MemoryBytes() + vectors_->vectors().size_bytes() +
         coded_.MemoryBytes();
}

}  // namespace gradmatch
