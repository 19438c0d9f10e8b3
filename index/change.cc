#include "index/change.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"

namespace gradmatch {
namespace {

constexpr int kVersionShift = 48;
constexpr uint64_t kContentBits = (uint64_t{1} << kVersionShift) - 1;

Outcome CheckPrecondition(const StoredHead& stored,
                          const Precondition& precondition) {
  if (!stored.exists &&
      (precondition.must_exist || precondition.etag.has_value())) {
    return Outcome::kNotFound;
  }
  if (stored.exists && precondition.must_not_exist) {
    return Outcome::kAlreadyExists;
  }
  if (precondition.etag.has_value() && *precondition.etag != stored.etag) {
    return Outcome::kEtagMismatch;
  }
  return Outcome::kUpdated;
}

// A deletion that comes with a revision is remembered even where there is
// nothing to delete, so that an older upsert that is still on its way does not
// bring the record to life.
Decision DecideDelete(const StoredHead& stored, const Change& change) {
  const bool known = stored.exists || stored.tombstone;
  if (change.revision == 0) {
    if (!stored.exists) return {Outcome::kNotFound, stored.revision};
    return {Outcome::kDeleted, stored.revision + 1};
  }
  if (!known || (stored.exists && change.revision > stored.revision)) {
    return {Outcome::kDeleted, change.revision};
  }
  if (stored.tombstone && change.revision >= stored.revision) {
    return {Outcome::kUnchanged, change.revision,
            change.revision > stored.revision};
  }
  return {Outcome::kStale, stored.revision};
}

Decision DecideUpsert(const StoredHead& stored, const Change& change) {
  const bool known = stored.exists || stored.tombstone;
  const bool next = change.revision == 0;
  const int64_t revision = next ? stored.revision + 1 : change.revision;
  if (!known) return {Outcome::kCreated, revision};
  if (revision < stored.revision) return {Outcome::kStale, stored.revision};
  if (stored.tombstone) {
    if (revision == stored.revision) return {Outcome::kStale, stored.revision};
    return {Outcome::kCreated, revision};
  }
  if (change.content_hash == stored.content_hash) {
    // Without a revision of its own the caller repeats what is there.
    if (next) return {Outcome::kUnchanged, stored.revision};
    return {Outcome::kUnchanged, revision, revision > stored.revision};
  }
  const bool same_content =
      ((change.content_hash ^ stored.content_hash) & kContentBits) == 0;
  if (revision == stored.revision && !same_content) {
    return {Outcome::kStale, stored.revision};
  }
  return {Outcome::kUpdated, revision};
}

}  // namespace

Family RecordFamily(CollectionId collection) {
  switch (collection) {
    case CollectionId::kPostings:
      return Family::kPosting;
    case CollectionId::kGraduates:
      return Family::kGraduate;
    case CollectionId::kContents:
      break;
  }
  return Family::kContent;
}

std::string_view CollectionName(CollectionId collection) {
  switch (collection) {
    case CollectionId::kPostings:
      return "postings";
    case CollectionId::kGraduates:
      return "graduates";
    case CollectionId::kContents:
      break;
  }
  return "contents";
}

bool IsApplied(Outcome outcome) {
  return outcome == Outcome::kCreated || outcome == Outcome::kUpdated ||
         outcome == Outcome::kDeleted;
}

bool IsRefused(Outcome outcome) {
  return outcome == Outcome::kNotFound || outcome == Outcome::kAlreadyExists ||
         outcome == Outcome::kEtagMismatch;
}

std::string_view OutcomeName(Outcome outcome) {
  switch (outcome) {
    case Outcome::kCreated:
      return "CREATED";
    case Outcome::kUpdated:
      return "UPDATED";
    case Outcome::kDeleted:
      return "DELETED";
    case Outcome::kUnchanged:
      return "UNCHANGED";
    case Outcome::kStale:
      return "STALE";
    case Outcome::kNotFound:
      return "NOT_FOUND";
    case Outcome::kAlreadyExists:
      return "ALREADY_EXISTS";
    case Outcome::kEtagMismatch:
      return "ETAG_MISMATCH";
  }
  return "UNKNOWN";
}

absl::StatusOr<Record> ParseRecord(std::string_view value) {
  v1::StoredRecord stored;
  if (!stored.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError(
        absl::StrCat("a stored record of ", value.size(),
                     " bytes does not parse; restore it from a backup"));
  }
  Record record;
  StoredHead& head = record.head;
  head.exists = !stored.tombstone();
  head.tombstone = stored.tombstone();
  head.revision = stored.revision();
  head.content_hash = stored.content_hash();
  head.generation = stored.generation();
  if (head.exists) head.etag = EtagOf(head.generation);
  head.create_time = absl::FromUnixMicros(stored.create_time_micros());
  head.update_time = absl::FromUnixMicros(stored.update_time_micros());
  record.payload = std::move(*stored.mutable_payload());
  return record;
}

std::string SerializeRecord(const Record& record) {
  v1::StoredRecord stored;
  stored.set_revision(record.head.revision);
  stored.set_content_hash(record.head.content_hash);
  stored.set_generation(record.head.generation);
  stored.set_tombstone(record.head.tombstone);
  stored.set_create_time_micros(absl::ToUnixMicros(record.head.create_time));
  stored.set_update_time_micros(absl::ToUnixMicros(record.head.update_time));
  stored.set_payload(record.payload);
  return stored.SerializeAsString();
}

std::string EtagOf(uint64_t generation) { return absl::StrCat(generation); }

uint64_t VersionedHash(uint64_t content, uint64_t version) {
  return version << kVersionShift | (content & kContentBits);
}

Decision Decide(const StoredHead& stored, const Change& change) {
  if (change.erase) return {Outcome::kDeleted};
  if (change.forget_before.has_value()) {
    const bool old =
        stored.tombstone && stored.update_time < *change.forget_before;
    return {old ? Outcome::kDeleted : Outcome::kUnchanged, stored.revision};
  }
  const Outcome precondition = CheckPrecondition(stored, change.precondition);
  if (IsRefused(precondition)) return {precondition, stored.revision};
  if (change.also_only) return {Outcome::kUnchanged, stored.revision};
  if (change.same_revision && stored.exists) {
    const bool same = change.content_hash == stored.content_hash;
    return {same ? Outcome::kUnchanged : Outcome::kUpdated, stored.revision};
  }
  if (change.same_revision && !stored.tombstone && !change.tombstone) {
    return {Outcome::kCreated, stored.revision};
  }
  return change.tombstone ? DecideDelete(stored, change)
                          : DecideUpsert(stored, change);
}

}  // namespace gradmatch
