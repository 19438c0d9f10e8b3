#include "index/keys.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>

#include "index/base/big_endian.h"
#include "index/content_hash.h"

namespace gradmatch {
namespace {

// In the order of Family. These are names on disk: DO NOT change one.
constexpr std::array<std::string_view, kFamilyCount> kFamilyNames = {
    "meta",         "posting",
    "raw_row",      "graduate",
    "sealed",       "content",
    "embedding",    "source",
    "duplicate",    "quarantine",
    "request",      "push_plan",
    "push_run",     "push_item",
    "ledger",       "operation",
    "feedback",     "audit",
    "code_table",   "staff",
    "erasure",      "hand_recommendation",
    "sync_figures", "token"};

constexpr int kItemDigits = 10;

constexpr bool IsIdByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '~' || c == '-';
}

std::string Join(std::initializer_list<std::string_view> parts) {
  size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  std::string key;
  key.reserve(size);
  for (std::string_view part : parts) key.append(part);
  return key;
}

bool IsPostingKey(std::string_view key) {
  return ParsePostingKey(key).has_value();
}

bool IsRecordKey(RecordKind kind, std::string_view key) {
  switch (kind) {
    case RecordKind::kPosting:
      return IsPostingKey(key);
    case RecordKind::kContent:
      return IsValidId(key);
    case RecordKind::kGraduate:
      return key.size() == kPseudonymBytes;
  }
  return false;
}

}  // namespace

bool IsValidId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdLength &&
         std::all_of(id.begin(), id.end(), IsIdByte);
}

std::string_view FamilyName(Family family) {
  return kFamilyNames[static_cast<size_t>(family)];
}

std::string PostingKey(std::string_view source_id,
                       std::string_view posting_id) {
  return Join({source_id, "/", posting_id});
}

std::string GraduateKey(std::string_view pseudonym) {
  return std::string(pseudonym);
}

std::string ContentKey(std::string_view content_id) {
  return std::string(content_id);
}

std::string SourceKey(std::string_view source_id) {
  return std::string(source_id);
}

std::string QuarantineKey(std::string_view source_id,
                          std::string_view entry_id) {
  return Join({source_id, "/", entry_id});
}

std::string MetaKey(std::string_view name) { return std::string(name); }

std::optional<PostingKeyParts> ParsePostingKey(std::string_view key) {
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const PostingKeyParts parts{key.substr(0, slash), key.substr(slash + 1)};
  if (!IsValidId(parts.source_id) || !IsValidId(parts.posting_id)) {
    return std::nullopt;
  }
  return parts;
}

std::string SourcePrefix(std::string_view source_id) {
  return Join({source_id, "/"});
}

std::string EmbeddingKey(RecordKind kind, std::string_view record_key,
                         std::string_view encoder_id) {
  const char tag = static_cast<char>(kind);
  return Join({std::string_view(&tag, 1), record_key, "/", encoder_id});
}

std::optional<EmbeddingKeyParts> ParseEmbeddingKey(std::string_view key) {
  // An encoder id has no '/', so the last one ends the record's key, which
  // may hold any byte when it is a pseudonym.
  const size_t slash = key.rfind('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  const char tag = key.front();
  if (tag != 'p' && tag != 'g' && tag != 'c') return std::nullopt;
  const EmbeddingKeyParts parts{static_cast<RecordKind>(tag),
                                key.substr(1, slash - 1),
                                key.substr(slash + 1)};
  if (!IsRecordKey(parts.kind, parts.record_key) ||
      !IsValidId(parts.encoder_id)) {
    return std::nullopt;
  }
  return parts;
}

std::string FingerprintKey(uint64_t fingerprint) {
  std::string key = "f";
  AppendBigEndian64(fingerprint, key);
  return key;
}

std::string GroupKey(std::string_view canonical_posting_key) {
  return Join({"m", canonical_posting_key});
}

std::string RequestKey(std::string_view method, std::string_view scope,
                       std::string_view request_id) {
  std::string key = Join({method, "/"});
  AppendBigEndian64(ContentHash(scope), key);
  key.append(request_id);
  return key;
}

std::string PushPlanKey(std::string_view plan_id) {
  return std::string(plan_id);
}

std::string PushRunKey(std::string_view run_id) { return std::string(run_id); }

std::string PushItemKey(std::string_view run_id, int64_t number) {
  const std::string digits = std::to_string(number);
  const size_t missing =
      kItemDigits - std::min<size_t>(digits.size(), kItemDigits);
  return Join({run_id, "/", std::string(missing, '0'), digits});
}

std::string PushItemPrefix(std::string_view run_id) {
  return Join({run_id, "/"});
}

std::optional<PushItemKeyParts> ParsePushItemKey(std::string_view key) {
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = key.substr(slash + 1);
  PushItemKeyParts parts{key.substr(0, slash), 0};
  if (!IsValidId(parts.run_id) || digits.size() != kItemDigits ||
      !std::all_of(digits.begin(), digits.end(),
                   [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  std::from_chars(digits.data(), digits.data() + digits.size(), parts.number);
  return parts;
}

std::string LedgerKey(std::string_view pseudonym,
                      std::string_view canonical_posting_key) {
  return Join({pseudonym, "/", canonical_posting_key});
}

std::string LedgerPrefix(std::string_view pseudonym) {
  return Join({pseudonym, "/"});
}

std::optional<LedgerKeyParts> ParseLedgerKey(std::string_view key) {
  if (key.size() <= kPseudonymBytes || key[kPseudonymBytes] != '/') {
    return std::nullopt;
  }
  const LedgerKeyParts parts{key.substr(0, kPseudonymBytes),
                             key.substr(kPseudonymBytes + 1)};
  if (!IsPostingKey(parts.canonical_posting_key)) return std::nullopt;
  return parts;
}

std::string LedgerCounterKey(std::string_view canonical_posting_key) {
  return Join({"pushed/", canonical_posting_key});
}

std::string UncoveredKey(std::string_view pseudonym) {
  return Join({"uncovered/", pseudonym});
}

std::string GraduatesShownKey(std::string_view date) {
  return Join({"graduates_shown/", date});
}

std::string RecallKey(std::string_view index_id) {
  return Join({"recall/", index_id});
}

std::string OperationKey(std::string_view operation_id) {
  return std::string(operation_id);
}

std::string FeedbackKey(std::string_view pseudonym, std::string_view event_id) {
  return Join({pseudonym, "/", event_id});
}

std::string DismissalKey(std::string_view pseudonym, std::string_view subject) {
  return Join({pseudonym, "/!", subject});
}

std::string DismissalPrefix(std::string_view pseudonym) {
  return Join({pseudonym, "/!"});
}

std::string AuditKey(int64_t micros, uint64_t number) {
  std::string key;
  AppendBigEndian64(static_cast<uint64_t>(micros), key);
  AppendBigEndian64(number, key);
  return key;
}

std::string CodeTableKey(std::string_view system, std::string_view version) {
  return Join({system, "/", version});
}

std::string StaffKey(std::string_view staff_id) {
  return std::string(staff_id);
}

std::string ErasureKey(std::string_view erasure_id) {
  return std::string(erasure_id);
}

std::string ErasedKey(std::string_view mark) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string key = "h-";
  for (const char c : mark) {
    const auto byte = static_cast<unsigned char>(c);
    key += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return key;
}

std::string HandRecommendationKey(std::string_view pseudonym, int64_t micros,
                                  std::string_view recommendation_id) {
  std::string key = Join({pseudonym, "/"});
  AppendBigEndian64(~static_cast<uint64_t>(micros), key);
  key.append(recommendation_id);
  return key;
}

std::string SyncFiguresKey(std::string_view source_id, int64_t micros) {
  std::string key = Join({source_id, "/"});
  AppendBigEndian64(~static_cast<uint64_t>(micros), key);
  return key;
}

std::string TokenKey(std::string_view token_id) {
  return std::string(token_id);
}

}  // namespace gradmatch
