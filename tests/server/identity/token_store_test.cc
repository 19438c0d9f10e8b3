#include "server/identity/token_store.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/keys.h"
#include "server/time_proto.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"

namespace gradmatch {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

v1::Token SourceToken() {
  v1::Token token;
  token.set_role(v1::Token::ROLE_SOURCE);
  token.set_tenant("sources/hb");
  token.add_scopes("PostingService");
  return token;
}

class TokenStoreTest : public testing::Test {
 protected:
  TokenStoreTest() { Reopen(); }
  void Reopen() { tokens_ = *TokenStore::Open(disk_, clock_); }

  std::string Make(const std::string& id) {
    auto issued = tokens_->Create(id, SourceToken());
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued->bearer();
  }
  std::string Rotate(const std::string& id, absl::Duration overlap) {
    auto issued = tokens_->Rotate(id, overlap, std::nullopt);
    EXPECT_TRUE(issued.ok()) << issued.status();
    return issued->bearer();
  }
  // "OK", or the reason.
  std::string Try(const std::string& bearer) {
    const auto caller = tokens_->Verify(bearer);
    return caller.ok() ? "OK" : ReasonOf(caller.status());
  }

  InMemoryStore disk_;
  ManualClock clock_{kStart};
  std::unique_ptr<TokenStore> tokens_;
};

TEST_F(TokenStoreTest, ABearerIsKnownAlsoAfterARestart) {
  const std::string bearer = Make("hb-sync");
  for (int restarts = 0; restarts < 2; ++restarts) {
    const auto caller = tokens_->Verify(bearer);
    ASSERT_TRUE(caller.ok()) << caller.status();
    EXPECT_EQ(caller->principal, "token/hb-sync");
    EXPECT_EQ(caller->role, CallerRole::kSource);
    EXPECT_EQ(caller->tenant, "hb");
    EXPECT_EQ(caller->scopes, std::vector<std::string>{"PostingService"});
    Reopen();
  }
}

TEST_F(TokenStoreTest, TheSecretIsNowhereInTheStore) {
  const std::string bearer = Make("hb-sync");
  const std::string rotated = Rotate("hb-sync", absl::Hours(1));
  for (auto cursor = disk_.Scan(Family::kToken, {}); cursor->Valid();
       cursor->Next()) {
    const std::string value(cursor->value());
    for (const std::string& secret : {bearer, rotated}) {
      EXPECT_EQ(value.find(secret.substr(secret.rfind('_') + 1)),
                std::string::npos);
    }
  }
}

TEST_F(TokenStoreTest, SecretsAreAllDifferent) {
  std::set<std::string> bearers;
  for (int i = 0; i < 100; ++i) bearers.insert(Make(absl::StrCat("t", i)));
  for (int i = 0; i < 100; ++i) bearers.insert(Rotate("t0", absl::Hours(1)));
  EXPECT_EQ(bearers.size(), 200u);
}

// What is no token, of nobody, and wrong are one answer, word for word.
TEST_F(TokenStoreTest, NoTokenUnknownAndWrongAreTheSame) {
  const std::string bearer = Make("hb");
  std::string wrong = bearer;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  std::string other_id = bearer;
  other_id.replace(3, 2, "xx");
  const std::string want = tokens_->Verify("x").status().ToString();
  EXPECT_EQ(ReasonOf(tokens_->Verify("x").status()), "TOKEN_INVALID");
  EXPECT_EQ(tokens_->Verify(wrong).status().ToString(), want);
  EXPECT_EQ(tokens_->Verify(other_id).status().ToString(), want);
  ASSERT_TRUE(tokens_->Revoke("hb").ok());
  EXPECT_EQ(tokens_->Verify(wrong).status().ToString(), want);
}

TEST_F(TokenStoreTest, EveryFlippedDigitIsRefused) {
  const std::string bearer = Make("hb");
  for (size_t i = 3; i < bearer.size(); ++i) {
    std::string other = bearer;
    other[i] = other[i] == '7' ? '3' : '7';
    EXPECT_EQ(Try(other), "TOKEN_INVALID") << i;
  }
  EXPECT_EQ(Try(bearer), "OK");
}

TEST_F(TokenStoreTest, EndsAtItsTimeAndNotBefore) {
  v1::Token token = SourceToken();
  *token.mutable_expire_time() = ToTimestamp(kStart + absl::Hours(1));
  const std::string bearer = tokens_->Create("hb", token)->bearer();
  clock_.Set(kStart + absl::Hours(1) - absl::Microseconds(1));
  EXPECT_EQ(Try(bearer), "OK");
  clock_.Set(kStart + absl::Hours(1));
  EXPECT_EQ(Try(bearer), "TOKEN_EXPIRED");
  EXPECT_EQ(tokens_->Get("hb")->state(), v1::Token::STATE_EXPIRED);
  EXPECT_EQ(
      ReasonOf(
          tokens_->Rotate("hb", absl::ZeroDuration(), std::nullopt).status()),
      "TOKEN_EXPIRED");
  const auto longer =
      tokens_->Rotate("hb", absl::Hours(1), kStart + absl::Hours(5));
  ASSERT_TRUE(longer.ok());
  EXPECT_EQ(Try(longer->bearer()), "OK");
}

TEST_F(TokenStoreTest, WithoutAnExpiryItEndsInNinetyDays) {
  const std::string bearer = Make("hb");
  clock_.Set(kStart + TokenStore::kStandardLife - absl::Seconds(1));
  EXPECT_EQ(Try(bearer), "OK");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Try(bearer), "TOKEN_EXPIRED");
}

TEST_F(TokenStoreTest, RevocationIsInForceAtOnceAndForGood) {
  const std::string first = Make("hb");
  const std::string second = Rotate("hb", absl::Hours(24));
  ASSERT_EQ(Try(first), "OK");
  ASSERT_TRUE(tokens_->Revoke("hb").ok());
  for (int restarts = 0; restarts < 2; ++restarts) {
    EXPECT_EQ(Try(first), "TOKEN_REVOKED");
    EXPECT_EQ(Try(second), "TOKEN_REVOKED");
    EXPECT_EQ(
        ReasonOf(tokens_->Rotate("hb", absl::Hours(1), std::nullopt).status()),
        "TOKEN_REVOKED");
    EXPECT_EQ(tokens_->Get("hb")->state(), v1::Token::STATE_REVOKED);
    Reopen();
  }
  const auto when = tokens_->Get("hb")->revoke_time();
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(tokens_->Revoke("hb")->revoke_time().seconds(), when.seconds());
}

TEST_F(TokenStoreTest, TheOldSecretIsGoodForTheOverlap) {
  const std::string first = Make("hb");
  const std::string second = Rotate("hb", absl::Hours(24));
  Reopen();
  clock_.Set(kStart + absl::Hours(24) - absl::Seconds(1));
  EXPECT_EQ(Try(first), "OK");
  EXPECT_EQ(Try(second), "OK");
  EXPECT_TRUE(tokens_->Get("hb")->has_previous_expire_time());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Try(first), "TOKEN_INVALID");
  EXPECT_EQ(Try(second), "OK");
  EXPECT_FALSE(tokens_->Get("hb")->has_previous_expire_time());
}

TEST_F(TokenStoreTest, ASecondRotationEndsTheOldestAndNoOverlapTheOld) {
  const std::string first = Make("hb");
  const std::string second = Rotate("hb", absl::Hours(24));
  const std::string third = Rotate("hb", absl::Hours(24));
  EXPECT_EQ(Try(first), "TOKEN_INVALID");
  EXPECT_EQ(Try(second), "OK");
  const std::string fourth = Rotate("hb", absl::ZeroDuration());
  EXPECT_EQ(Try(third), "TOKEN_INVALID");
  EXPECT_EQ(Try(fourth), "OK");
}

TEST_F(TokenStoreTest, AnIdIsTakenOnceAlsoWhenRevoked) {
  Make("hb");
  EXPECT_EQ(ReasonOf(tokens_->Create("hb", SourceToken()).status()),
            "ALREADY_EXISTS");
  ASSERT_TRUE(tokens_->Revoke("hb").ok());
  EXPECT_EQ(ReasonOf(tokens_->Create("hb", SourceToken()).status()),
            "ALREADY_EXISTS");
  EXPECT_EQ(ReasonOf(tokens_->Get("xx").status()), "TOKEN_NOT_FOUND");
  EXPECT_EQ(ReasonOf(tokens_->Revoke("xx").status()), "TOKEN_NOT_FOUND");
}

// What could not be written is not in force either, before and after a restart.
TEST_F(TokenStoreTest, AFailedWriteChangesNothing) {
  const std::string bearer = Make("hb");
  FaultyStore failing(disk_, 1);
  auto tokens = *TokenStore::Open(failing, clock_);
  EXPECT_FALSE(tokens->Create("xx", SourceToken()).ok());
  EXPECT_FALSE(tokens->Rotate("hb", absl::Hours(1), std::nullopt).ok());
  EXPECT_FALSE(tokens->Revoke("hb").ok());
  EXPECT_TRUE(tokens->Verify(bearer).ok());
  EXPECT_EQ(tokens->List("", 10).size(), 1u);
  Reopen();
  EXPECT_EQ(Try(bearer), "OK");
}

// A change that cannot be kept elsewhere is as if it had not been asked for;
// but what was revoked stays so, and is kept when it is revoked again.
TEST_F(TokenStoreTest, WhatCannotBeKeptIsTakenBack) {
  const std::string bearer = Make("hb");
  std::vector<std::string> kept;
  bool works = false;
  const auto keep = [&](const v1::StoredToken& stored) {
    if (!works) return absl::UnavailableError("no journal");
    kept.push_back(stored.token().name());
    return absl::OkStatus();
  };
  for (int restarts = 0; restarts < 2; ++restarts) {
    tokens_->SetKeep(keep);
    EXPECT_TRUE(
        absl::IsUnavailable(tokens_->Create("xx", SourceToken()).status()));
    EXPECT_TRUE(absl::IsUnavailable(
        tokens_->Rotate("hb", absl::ZeroDuration(), {}).status()));
    EXPECT_EQ(Try(bearer), "OK");
    EXPECT_EQ(tokens_->All().size(), 1u);
    Reopen();
  }
  tokens_->SetKeep(keep);
  EXPECT_TRUE(absl::IsUnavailable(tokens_->Revoke("hb").status()));
  EXPECT_EQ(Try(bearer), "TOKEN_REVOKED");
  works = true;
  EXPECT_TRUE(tokens_->Revoke("hb").ok());
  EXPECT_TRUE(tokens_->Create("xx", SourceToken()).ok());
  EXPECT_EQ(kept, (std::vector<std::string>{"tokens/hb", "tokens/xx"}));
}

TEST_F(TokenStoreTest, ListsByIdAfterAnId) {
  for (const char* id : {"c", "a", "b"}) Make(id);
  const auto two = tokens_->List("", 2);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].name(), "tokens/a");
  EXPECT_EQ(two[1].name(), "tokens/b");
  EXPECT_EQ(tokens_->List("b", 2).front().name(), "tokens/c");
}

TEST_F(TokenStoreTest, ADamagedRecordStopsTheStart) {
  WriteBatch batch;
  batch.Put(Family::kToken, TokenKey("hb"), "\xff\xff");
  ASSERT_TRUE(disk_.Write(batch, Durability::kSynced).ok());
  EXPECT_TRUE(absl::IsDataLoss(TokenStore::Open(disk_, clock_).status()));
}

// Random rotations, revocations, time and restarts against a plain model: for
// each secret until when it is good.
TEST_F(TokenStoreTest, AgreesWithAModel) {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(absl::StrCat("seed=", seed));
    std::mt19937 rng(seed);
    const std::string id = absl::StrCat("m", seed);
    struct Known {
      std::string bearer;
      absl::Time until;
    };
    std::vector<Known> known = {{Make(id), absl::InfiniteFuture()}};
    const absl::Time end = clock_.Now() + TokenStore::kStandardLife;
    for (int step = 0; step < 300 && clock_.Now() < end; ++step) {
      const int what = static_cast<int>(rng() % 10);
      if (what < 3) {
        const absl::Duration overlap = absl::Hours(rng() % 48);
        // Only one secret before the present one is kept.
        for (size_t i = 0; i + 1 < known.size(); ++i) {
          known[i].until = absl::InfinitePast();
        }
        known.back().until = clock_.Now() + overlap;
        known.push_back({Rotate(id, overlap), absl::InfiniteFuture()});
      } else if (what < 8) {
        clock_.Advance(absl::Minutes(rng() % 600));
      } else {
        Reopen();
      }
      if (clock_.Now() >= end) break;
      for (const Known& one : known) {
        EXPECT_EQ(Try(one.bearer),
                  clock_.Now() < one.until ? "OK" : "TOKEN_INVALID");
      }
    }
  }
}

}  // namespace
}  // namespace gradmatch
