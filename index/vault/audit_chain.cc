#include "index/vault/audit_chain.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/big_endian.h"
#include "index/base/strings.h"
#include "index/vault/sodium.h"

namespace gradmatch {
namespace {

constexpr std::string_view kFormat = "gradmatch-audit-1";

void AppendText(std::string_view text, std::string& out) {
  AppendBigEndian64(text.size(), out);
  out.append(text);
}

}  // namespace

std::string FirstChainHash() { return std::string(kSha256Bytes, '\0'); }

int64_t MicrosOf(const v1::AuditEntry& entry) {
  return entry.time().seconds() * 1'000'000 + entry.time().nanos() / 1'000;
}

std::string ChainHash(std::string_view previous, const v1::AuditEntry& entry) {
  std::string bytes(previous);
  bytes.append(kFormat);
  AppendBigEndian64(static_cast<uint64_t>(entry.sequence()), bytes);
  AppendBigEndian64(static_cast<uint64_t>(entry.time().seconds()), bytes);
  AppendBigEndian64(static_cast<uint64_t>(entry.time().nanos()), bytes);
  for (const std::string* text :
       {&entry.principal(), &entry.role(), &entry.method(), &entry.resource(),
        &entry.purpose(), &entry.result()}) {
    AppendText(*text, bytes);
  }
  return Sha256(bytes);
}

std::string FormatAnchor(const AuditAnchor& anchor) {
  return absl::StrCat(anchor.sequence, ":",
                      absl::BytesToHexString(anchor.hash));
}

std::optional<AuditAnchor> ParseAnchor(std::string_view text) {
  const size_t colon = text.find(':');
  AuditAnchor anchor;
  if (colon == std::string_view::npos ||
      !absl::SimpleAtoi(A(text.substr(0, colon)), &anchor.sequence)) {
    return std::nullopt;
  }
  anchor.hash = absl::HexStringToBytes(A(text.substr(colon + 1)));
  if (FormatAnchor(anchor) != text || anchor.hash.size() != kSha256Bytes) {
    return std::nullopt;
  }
  return anchor;
}

std::optional<AuditAnchor> CutOf(const v1::AuditEntry& entry) {
  if (entry.method() != kAuditCutMethod) return std::nullopt;
  return ParseAnchor(entry.resource());
}

std::string_view AuditBreakText(AuditBreak what) {
  switch (what) {
    case AuditBreak::kNone:
      return "完整";
    case AuditBreak::kUnreadable:
      return "记录无法解析";
    case AuditBreak::kAltered:
      return "记录被改动";
    case AuditBreak::kMissing:
      return "此前的记录缺失";
    case AuditBreak::kReordered:
      return "记录次序被改动";
    case AuditBreak::kTailCut:
      return "末尾的记录缺失";
    case AuditBreak::kOtherChain:
      return "记录与留存的链头不符，整条链可能被重写";
  }
  return "";
}

void AuditChecker::Break(AuditBreak what, int64_t sequence) {
  if (broken_ != AuditBreak::kNone) return;
  broken_ = what;
  break_sequence_ = sequence;
}

void AuditChecker::Add(const v1::AuditEntry& entry) {
  if (broken_ != AuditBreak::kNone) return;
  if (entry.sequence() <= sequence_) {
    return Break(AuditBreak::kReordered, entry.sequence());
  }
  if (entry.sequence() > sequence_ + 1) {
    return Break(AuditBreak::kMissing, entry.sequence());
  }
  const std::string hash = ChainHash(hash_, entry);
  if (hash != entry.chain_hash()) {
    return Break(AuditBreak::kAltered, entry.sequence());
  }
  for (const AuditAnchor& anchor : expected_) {
    if (anchor.sequence == entry.sequence() && anchor.hash != hash) {
      return Break(AuditBreak::kOtherChain, entry.sequence());
    }
  }
  sequence_ = entry.sequence();
  hash_ = hash;
  ++entries_;
}

void AuditChecker::Finish() {
  for (const AuditAnchor& anchor : expected_) {
    if (anchor.sequence > sequence_) {
      Break(AuditBreak::kTailCut, anchor.sequence);
    }
  }
}

}  // namespace gradmatch
