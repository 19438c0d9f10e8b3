#include "matcher/ingest/duplicate_groups.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "index/keys.h"
#include "matcher/ingest/uscc.h"
#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

// Matching form without blanks and punctuation, so that "（上海）" and "(上海)"
// or "Java 工程师" and "java工程师" are one.
std::string Bare(std::string_view text) {
  std::string out;
  for (const char c : MatchingForm(text)) {
    const bool drop = c == ' ' || c == '\n' || c == '(' || c == ')' ||
                      c == '-' || c == '/' || c == ',' || c == '.' ||
                      c == '[' || c == ']' || c == '_';
    if (!drop) out.push_back(c);
  }
  return out;
}

// The city of a region; a municipality (110100, 500200) is one city.
std::string CityOf(std::string_view region) {
  if (region.size() != 6) return std::string(region);
  const std::string_view province = region.substr(0, 2);
  if (province == "11" || province == "12" || province == "31" ||
      province == "50") {
    return absl::StrCat(A(province), "0000");
  }
  return absl::StrCat(A(region.substr(0, 4)), "00");
}

}  // namespace

uint64_t DuplicateFingerprint(const v1::Posting& posting) {
  std::set<std::string> cities;
  for (const v1::Location& location : posting.locations()) {
    if (!location.region().code().empty()) {
      cities.insert(CityOf(location.region().code()));
    }
  }
  const v1::Employer& employer = posting.employer();
  std::string text =
      IsValidUscc(employer.uscc()) ? employer.uscc() : Bare(employer.name());
  absl::StrAppend(&text, "\n", Bare(posting.title()));
  for (const std::string& city : cities) absl::StrAppend(&text, "\n", city);
  return ContentHash(text);
}

absl::StatusOr<DuplicateGroups::Edit::Group*> DuplicateGroups::Edit::Load(
    std::string_view id) {
  touched_.push_back(ContentHash(id));
  if (const auto it = groups_.find(id); it != groups_.end()) return &it->second;
  Group group;
  const absl::StatusOr<std::string> bytes =
      store_.Get(Family::kDuplicateGroup, GroupKey(id));
  if (bytes.ok()) {
    if (!group.record.ParseFromString(*bytes)) {
      return MakeError(
          absl::StatusCode::kDataLoss, kDataLoss,
          absl::StrCat("duplicate group of ", A(id), " does not parse"));
    }
    group.stored = true;
  } else if (!absl::IsNotFound(bytes.status())) {
    return bytes.status();
  }
  return &groups_.emplace(std::string(id), std::move(group)).first->second;
}

absl::StatusOr<DuplicateGroups::Edit::Lead*> DuplicateGroups::Edit::LoadLead(
    uint64_t fingerprint) {
  touched_.push_back(fingerprint);
  if (const auto it = leads_.find(fingerprint); it != leads_.end()) {
    return &it->second;
  }
  absl::StatusOr<std::string> id =
      store_.Get(Family::kDuplicateGroup, FingerprintKey(fingerprint));
  if (!id.ok() && !absl::IsNotFound(id.status())) return id.status();
  Lead& lead = leads_[fingerprint];
  if (id.ok()) lead.id = *std::move(id);
  return &lead;
}

absl::StatusOr<std::string> DuplicateGroups::Edit::GroupOf(
    std::string_view key, uint64_t fingerprint) {
  const absl::StatusOr<Group*> own = Load(key);
  if (!own.ok()) return own.status();
  if ((*own)->record.members_size() > 0) return std::string(key);

  const absl::StatusOr<Lead*> lead = LoadLead(fingerprint);
  if (!lead.ok()) return lead.status();
  if (!(*lead)->id.empty()) {
    const absl::StatusOr<Group*> group = Load((*lead)->id);
    if (!group.ok()) return group.status();
    const v1::StoredDuplicateGroup& record = (*group)->record;
    if (record.members_size() > 0 && record.fingerprint() == fingerprint) {
      return (*lead)->id;
    }
  }
  **lead = {.id = std::string(key), .changed = true};
  (*own)->record.set_fingerprint(fingerprint);
  return std::string(key);
}

absl::StatusOr<std::string> DuplicateGroups::Edit::Join(
    std::string_view key, uint64_t fingerprint, std::string_view old_group) {
  if (!old_group.empty()) {
    const absl::StatusOr<Group*> old = Load(old_group);
    if (!old.ok()) return old.status();
    const v1::StoredDuplicateGroup& record = (*old)->record;
    if (record.fingerprint() == fingerprint &&
        std::count(record.members().begin(), record.members().end(), key) > 0) {
      return std::string(old_group);
    }
    if (absl::Status left = Leave(key, old_group); !left.ok()) return left;
  }
  absl::StatusOr<std::string> id = GroupOf(key, fingerprint);
  if (!id.ok()) return id.status();
  Group& group = groups_.find(*id)->second;
  group.record.set_canonical(*id);
  group.record.add_members(std::string(key));
  group.changed = true;
  return id;
}

absl::Status DuplicateGroups::Edit::Leave(std::string_view key,
                                          std::string_view old_group) {
  if (old_group.empty()) return absl::OkStatus();
  const absl::StatusOr<Group*> group = Load(old_group);
  if (!group.ok()) return group.status();
  auto& members = *(*group)->record.mutable_members();
  const auto gone = std::remove(members.begin(), members.end(), key);
  if (gone == members.end()) return absl::OkStatus();
  members.erase(gone, members.end());
  (*group)->changed = true;
  if (!members.empty()) return absl::OkStatus();

  const absl::StatusOr<Lead*> lead = LoadLead((*group)->record.fingerprint());
  if (!lead.ok()) return lead.status();
  if ((*lead)->id == old_group) **lead = {.id = "", .changed = true};
  return absl::OkStatus();
}

void DuplicateGroups::Edit::AddTo(WriteBatch& batch) const {
  for (const auto& [id, group] : groups_) {
    if (!group.changed) continue;
    if (group.record.members_size() > 0) {
      batch.Put(Family::kDuplicateGroup, GroupKey(id),
                group.record.SerializeAsString());
    } else if (group.stored) {
      batch.Delete(Family::kDuplicateGroup, GroupKey(id));
    }
  }
  for (const auto& [fingerprint, lead] : leads_) {
    if (!lead.changed) continue;
    if (lead.id.empty()) {
      batch.Delete(Family::kDuplicateGroup, FingerprintKey(fingerprint));
    } else {
      batch.Put(Family::kDuplicateGroup, FingerprintKey(fingerprint), lead.id);
    }
  }
}

}  // namespace gradmatch
