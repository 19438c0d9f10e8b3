#include "server/identity/token_store.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/keys.h"
#include "index/vault/sodium.h"
#include "server/identity/token_text.h"
#include "server/time_proto.h"

namespace gradmatch {
namespace {

// What is stored of a secret. Its digits are hashed, not its bytes, so that
// there is nothing to decode.
std::string HashOf(std::string_view secret_hex) { return Sha256(secret_hex); }

std::string NewSecret() {
  std::string bytes = RandomBytes(kSecretBytes);
  std::string hex = absl::BytesToHexString(bytes);
  Wipe(bytes);
  return hex;
}

absl::Time ExpiryOf(const v1::Token& token) {
  return FromTimestamp(token.expire_time());
}

v1::Token::State StateOf(const v1::Token& token, absl::Time now) {
  if (token.has_revoke_time()) return v1::Token::STATE_REVOKED;
  return now < ExpiryOf(token) ? v1::Token::STATE_ACTIVE
                               : v1::Token::STATE_EXPIRED;
}

v1::Token AsSeen(v1::Token token, absl::Time now) {
  token.set_state(StateOf(token, now));
  if (token.has_previous_expire_time() &&
      FromTimestamp(token.previous_expire_time()) <= now) {
    token.clear_previous_expire_time();
  }
  return token;
}

absl::Status Unauthenticated(const char* reason, std::string_view text) {
  return MakeError(absl::StatusCode::kUnauthenticated, reason, text);
}

absl::Status Invalid() {
  return Unauthenticated(
      kTokenInvalid,
      "令牌无效：核对是否完整复制（gm_ 开头），或请运维人员签发新令牌");
}

// Whether `secret` is the present one, or the one before in its overlap. Both
// are compared, whatever comes of the first.
bool IsSecretOf(const v1::StoredToken& stored, const std::string& hash,
                absl::Time now) {
  const bool present = EqualSecrets(hash, stored.secret_hash());
  const bool before = EqualSecrets(hash, stored.previous_secret_hash());
  return present ||
         (before && now < FromTimestamp(stored.token().previous_expire_time()));
}

absl::Status RevokedBefore(std::string_view id) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, kTokenRevoked,
      absl::StrCat("令牌 ", TokenNameOf(id), " 已吊销，不能再用；请另建令牌"),
      {{"token", TokenNameOf(id)}});
}

absl::Status RevokedButNotKept(std::string_view id, const absl::Status& why) {
  const std::string name = TokenNameOf(id);
  return MakeError(
      absl::StatusCode::kUnavailable, kRightsJournal,
      absl::StrCat("令牌 ", name, " 已吊销并立即生效，但没有记入权利日志（",
                   why.message(),
                   "）：若以较早的快照恢复，它会再次有效；请稍后再吊销一次"),
      {{"token", name}});
}

v1::IssuedToken Issue(std::string_view id, const std::string& secret,
                      const v1::Token& token, absl::Time now) {
  v1::IssuedToken issued;
  *issued.mutable_token() = AsSeen(token, now);
  issued.set_bearer(MakeBearer(id, secret));
  return issued;
}

CallerRole RoleOf(v1::Token::Role role) {
  switch (role) {
    case v1::Token::ROLE_PLATFORM:
      return CallerRole::kPlatform;
    case v1::Token::ROLE_SOURCE:
      return CallerRole::kSource;
    case v1::Token::ROLE_OPERATOR:
      return CallerRole::kOperator;
    case v1::Token::ROLE_STAFF:
      return CallerRole::kStaff;
    case v1::Token::ROLE_SCIENTIST:
      return CallerRole::kScientist;
    default:
      return CallerRole::kViewer;
  }
}

}  // namespace

std::string TokenNameOf(std::string_view id) {
  return absl::StrCat("tokens/", A(id));
}

absl::Status TokenNotFound(std::string_view id) {
  return MakeError(
      absl::StatusCode::kNotFound, kTokenNotFound,
      absl::StrCat("令牌 ", TokenNameOf(id), " 不存在；全部令牌见 ListTokens"),
      {{"token", TokenNameOf(id)}});
}

Caller CallerOf(const v1::Token& token) {
  Caller caller;
  caller.principal =
      absl::StrCat("token/", token.name().substr(token.name().find('/') + 1));
  caller.role = RoleOf(token.role());
  if (!token.tenant().empty()) {
    caller.tenant = token.tenant().substr(token.tenant().find('/') + 1);
  }
  caller.scopes.assign(token.scopes().begin(), token.scopes().end());
  return caller;
}

absl::StatusOr<std::unique_ptr<TokenStore>> TokenStore::Open(
    Store& store, const Clock& clock) {
  std::unique_ptr<TokenStore> tokens(new TokenStore(store, clock));
  absl::Status loaded = tokens->Load();
  if (!loaded.ok()) return loaded;
  return tokens;
}

absl::Status TokenStore::Load() {
  MutexLock lock(mu_);
  const std::unique_ptr<Cursor> cursor = store_.Scan(Family::kToken, {});
  for (; cursor->Valid(); cursor->Next()) {
    v1::StoredToken stored;
    if (!stored.ParseFromString(std::string(cursor->value()))) {
      return absl::DataLossError(absl::StrCat(
          "the record of token ", A(cursor->key()), " does not parse"));
    }
    tokens_.emplace(std::string(cursor->key()), std::move(stored));
  }
  return cursor->status();
}

std::optional<v1::StoredToken> TokenStore::Find(std::string_view id) const {
  MutexLock lock(mu_);
  const auto it = tokens_.find(id);
  if (it == tokens_.end()) return std::nullopt;
  return it->second;
}

absl::Status TokenStore::WriteRecord(std::string_view id,
                                     const v1::StoredToken& stored) {
  WriteBatch batch;
  batch.Put(Family::kToken, TokenKey(id), stored.SerializeAsString());
  return store_.Write(batch, Durability::kSynced);
}

void TokenStore::Show(std::string_view id, const v1::StoredToken& stored) {
  MutexLock lock(mu_);
  tokens_[std::string(id)] = stored;
}

absl::Status TokenStore::Write(std::string_view id,
                               const v1::StoredToken& stored) {
  absl::Status written = WriteRecord(id, stored);
  if (!written.ok()) return written;
  const absl::Status kept = keep_ ? keep_(stored) : absl::OkStatus();
  if (kept.ok()) {
    Show(id, stored);
    return absl::OkStatus();
  }
  const std::optional<v1::StoredToken> before = Find(id);
  if (before.has_value()) {
    written = WriteRecord(id, *before);
  } else {
    WriteBatch batch;
    batch.Delete(Family::kToken, TokenKey(id));
    written = store_.Write(batch, Durability::kSynced);
  }
  return written.ok() ? kept : written;
}

absl::Status TokenStore::Put(const v1::StoredToken& stored) {
  const std::string& name = stored.token().name();
  const std::string id = name.substr(name.find('/') + 1);
  MutexLock write_lock(write_mu_);
  absl::Status written = WriteRecord(id, stored);
  if (written.ok()) Show(id, stored);
  return written;
}

std::vector<v1::StoredToken> TokenStore::All() const {
  std::vector<v1::StoredToken> all;
  MutexLock lock(mu_);
  for (const auto& [id, stored] : tokens_) all.push_back(stored);
  return all;
}

absl::StatusOr<v1::IssuedToken> TokenStore::Create(std::string_view id,
                                                   v1::Token token,
                                                   const HandOver& hand_over) {
  MutexLock write_lock(write_mu_);
  if (Find(id).has_value()) {
    return MakeError(absl::StatusCode::kAlreadyExists, kAlreadyExists,
                     absl::StrCat("令牌 ", TokenNameOf(id),
                                  " 已存在；换一个 token_id，或用 RotateToken "
                                  "更换它的密钥"),
                     {{"name", TokenNameOf(id)}});
  }
  const absl::Time now = clock_.Now();
  const std::string secret = NewSecret();
  token.set_name(TokenNameOf(id));
  token.clear_state();
  token.clear_revoke_time();
  token.clear_previous_expire_time();
  *token.mutable_create_time() = ToTimestamp(now);
  *token.mutable_rotate_time() = ToTimestamp(now);
  if (!token.has_expire_time()) {
    *token.mutable_expire_time() = ToTimestamp(now + kStandardLife);
  }
  v1::StoredToken stored;
  *stored.mutable_token() = token;
  stored.set_secret_hash(HashOf(secret));
  const v1::IssuedToken issued = Issue(id, secret, token, now);
  if (hand_over) {
    absl::Status taken = hand_over(issued);
    if (!taken.ok()) return taken;
  }
  absl::Status written = Write(id, stored);
  if (!written.ok()) return written;
  return issued;
}

absl::StatusOr<v1::Token> TokenStore::Get(std::string_view id) const {
  std::optional<v1::StoredToken> stored = Find(id);
  if (!stored.has_value()) return TokenNotFound(id);
  return AsSeen(std::move(*stored->mutable_token()), clock_.Now());
}

std::vector<v1::Token> TokenStore::List(std::string_view after,
                                        size_t limit) const {
  const absl::Time now = clock_.Now();
  std::vector<v1::Token> out;
  MutexLock lock(mu_);
  for (auto it = tokens_.upper_bound(after);
       it != tokens_.end() && out.size() < limit; ++it) {
    out.push_back(AsSeen(it->second.token(), now));
  }
  return out;
}

absl::StatusOr<v1::IssuedToken> TokenStore::Rotate(
    std::string_view id, absl::Duration overlap,
    std::optional<absl::Time> expire_time) {
  MutexLock write_lock(write_mu_);
  std::optional<v1::StoredToken> stored = Find(id);
  if (!stored.has_value()) return TokenNotFound(id);
  v1::Token& token = *stored->mutable_token();
  const absl::Time now = clock_.Now();
  if (token.has_revoke_time()) return RevokedBefore(id);
  if (expire_time.has_value()) {
    *token.mutable_expire_time() = ToTimestamp(*expire_time);
  } else if (StateOf(token, now) == v1::Token::STATE_EXPIRED) {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, kTokenExpired,
        absl::StrCat("令牌 ", TokenNameOf(id),
                     " 已过期；更换密钥时请同时给出新的 expire_time"),
        {{"token", TokenNameOf(id)}});
  }
  stored->clear_previous_secret_hash();
  token.clear_previous_expire_time();
  if (overlap > absl::ZeroDuration()) {
    stored->set_previous_secret_hash(stored->secret_hash());
    *token.mutable_previous_expire_time() = ToTimestamp(now + overlap);
  }
  const std::string secret = NewSecret();
  stored->set_secret_hash(HashOf(secret));
  *token.mutable_rotate_time() = ToTimestamp(now);
  absl::Status written = Write(id, *stored);
  if (!written.ok()) return written;
  return Issue(id, secret, token, now);
}

absl::StatusOr<v1::Token> TokenStore::Revoke(std::string_view id) {
  MutexLock write_lock(write_mu_);
  std::optional<v1::StoredToken> stored = Find(id);
  if (!stored.has_value()) return TokenNotFound(id);
  v1::Token& token = *stored->mutable_token();
  const absl::Time now = clock_.Now();
  if (!token.has_revoke_time()) {
    *token.mutable_revoke_time() = ToTimestamp(now);
    absl::Status written = WriteRecord(id, *stored);
    if (!written.ok()) return written;
    // Whatever comes of keeping it: nobody is to use it from now on.
    Show(id, *stored);
  }
  const absl::Status kept = keep_ ? keep_(*stored) : absl::OkStatus();
  if (!kept.ok()) return RevokedButNotKept(id, kept);
  return AsSeen(token, now);
}

absl::StatusOr<Caller> TokenStore::Verify(std::string_view bearer) const {
  const std::optional<BearerText> text = ParseBearer(bearer);
  if (!text.has_value()) return Invalid();
  const std::string hash = HashOf(text->secret);
  std::optional<v1::StoredToken> stored = Find(text->id);
  if (!stored.has_value()) return Invalid();
  const absl::Time now = clock_.Now();
  if (!IsSecretOf(*stored, hash, now)) return Invalid();
  switch (StateOf(stored->token(), now)) {
    case v1::Token::STATE_REVOKED:
      return Unauthenticated(kTokenRevoked,
                             "令牌已被吊销；请向运维人员申请新令牌");
    case v1::Token::STATE_EXPIRED:
      return Unauthenticated(kTokenExpired,
                             "令牌已过期；请运维人员更换密钥并给出新的期限");
    default:
      return CallerOf(stored->token());
  }
}

bool TokenStore::HasWorking(v1::Token::Role role) const {
  const absl::Time now = clock_.Now();
  MutexLock lock(mu_);
  for (const auto& [id, stored] : tokens_) {
    // One that is narrowed may not be able to make tokens.
    if (stored.token().role() == role && stored.token().scopes().empty() &&
        StateOf(stored.token(), now) == v1::Token::STATE_ACTIVE) {
      return true;
    }
  }
  return false;
}

}  // namespace gradmatch
