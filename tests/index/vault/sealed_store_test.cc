#include "index/vault/sealed_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "index/vault/audit_store.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using Priority = SealedStore::Priority;
using testing::ElementsAre;

std::string Person(int n) {
  std::string key = absl::StrCat("person", n);
  key.resize(16, '.');
  return key;
}

SealedFlags Flags(std::optional<bool> hardship,
                  std::optional<bool> disability = std::nullopt) {
  SealedFlags flags;
  flags.hardship = hardship;
  flags.disability = disability;
  return flags;
}

absl::Status Allowed() { return absl::OkStatus(); }

class SealedStoreTest : public testing::Test {
 protected:
  SealedStoreTest() {
    EXPECT_TRUE(NewSealKeyFile(path_).ok());
    Open(store_);
    auto audit = AuditLog::Open(store_, clock_);
    audit_ = *std::move(audit);
  }
  void Open(Store& store) {
    auto keys = SealKeys::Load(path_);
    ASSERT_TRUE(keys.ok()) << keys.status();
    current_ = keys->current_id();
    sealed_ = std::make_unique<SealedStore>(store, *std::move(keys));
  }
  void Put(int person, const SealedFlags& flags) {
    ASSERT_TRUE(sealed_->Update(Person(person), flags, Allowed, {}).ok());
  }
  absl::StatusOr<std::vector<Priority>> Read(const std::vector<int>& people) {
    std::vector<std::string> keys;
    for (int person : people) keys.push_back(Person(person));
    return sealed_->ReadPriorities(
        keys, {.method = "test.Read", .result = "ALLOWED"}, *audit_);
  }
  std::vector<std::string> Audited() {
    std::vector<std::string> resources;
    const auto page = ListAudit(store_, {.limit = 100'000});
    EXPECT_TRUE(page.ok()) << page.status();
    for (const auto& entry : page->entries) {
      resources.push_back(entry.resource());
    }
    return resources;
  }

  const ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  const TempFolder folder_;
  const std::string path_ = folder_ / "seal.key";
  std::string current_;
  InMemoryStore store_;
  std::unique_ptr<SealedStore> sealed_;
  std::unique_ptr<AuditLog> audit_;
};

TEST_F(SealedStoreTest, ReadsPrioritiesAndAuditsEveryPersonThatIsRead) {
  Put(1, Flags(true));
  Put(2, Flags(false, false));
  Put(3, Flags(std::nullopt, true));
  auto read = Read({1, 2, 3, 4});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(*read, ElementsAre(Priority::kYes, Priority::kNo, Priority::kYes,
                                 Priority::kNo));
  // Person 4 has nothing sealed, so nothing of theirs was read.
  EXPECT_THAT(Audited(),
              ElementsAre(PersonInAudit(Person(3)), PersonInAudit(Person(2)),
                          PersonInAudit(Person(1))));
}

TEST_F(SealedStoreTest, WhatIsNotStatedStays) {
  Put(1, Flags(true));
  Put(1, Flags(std::nullopt, true));
  Put(1, Flags(false));
  EXPECT_THAT(*Read({1}), ElementsAre(Priority::kYes));  // the disability
  Put(1, Flags(std::nullopt, false));
  EXPECT_THAT(*Read({1}), ElementsAre(Priority::kNo));
  ASSERT_TRUE(sealed_->Delete(Person(1), {}).ok());
  EXPECT_TRUE(absl::IsNotFound(
      store_.Get(Family::kSealed, GraduateKey(Person(1))).status()));
}

// Values that cannot be kept elsewhere are not set; what was taken back stays
// so. Either request is as if it had not come.
TEST_F(SealedStoreTest, WhatCannotBeKeptIsNotSet) {
  const auto also = [] {
    WriteBatch batch;
    batch.Put(Family::kRequest, "request", "done");
    return batch;
  };
  const auto asked = [&] {
    return store_.Get(Family::kRequest, "request").ok();
  };
  Put(1, Flags(true));
  int calls = 0;
  sealed_->SetKeep([&](std::string_view key, const v1::StoredSealed*) {
    EXPECT_EQ(key, GraduateKey(Person(1 + calls / 2)));
    ++calls;
    return absl::UnavailableError("no journal");
  });
  EXPECT_TRUE(absl::IsUnavailable(
      sealed_->Update(Person(1), Flags(false), Allowed, also())));
  EXPECT_FALSE(asked());
  EXPECT_THAT(*Read({1}), ElementsAre(Priority::kYes));
  EXPECT_TRUE(absl::IsUnavailable(sealed_->Delete(Person(1), also())));
  EXPECT_FALSE(asked());
  EXPECT_THAT(*Read({1}), ElementsAre(Priority::kNo));
  EXPECT_TRUE(absl::IsUnavailable(
      sealed_->Update(Person(2), Flags(true), Allowed, also())));
  EXPECT_TRUE(absl::IsNotFound(
      store_.Get(Family::kSealed, GraduateKey(Person(2))).status()));
  // Gone in between: nothing is left, and that is kept too.
  std::vector<bool> kept;
  sealed_->SetKeep([&](std::string_view, const v1::StoredSealed* sealed) {
    kept.push_back(sealed != nullptr);
    return absl::OkStatus();
  });
  int checks = 0;
  const auto vanishes = [&] {
    return ++checks == 1 ? absl::OkStatus() : absl::NotFoundError("gone");
  };
  EXPECT_TRUE(absl::IsNotFound(
      sealed_->Update(Person(2), Flags(true), vanishes, also())));
  EXPECT_EQ(kept, (std::vector<bool>{true, false}));
}

TEST_F(SealedStoreTest, ARefusedCheckWritesNothing) {
  const auto refuse = [] { return absl::NotFoundError("gone"); };
  WriteBatch also;
  also.Put(Family::kMeta, "x", "y");
  EXPECT_TRUE(
      absl::IsNotFound(sealed_->Update(Person(1), Flags(true), refuse, also)));
  EXPECT_TRUE(absl::IsNotFound(store_.Get(Family::kMeta, "x").status()));
  EXPECT_TRUE(sealed_->Update(Person(1), Flags(true), Allowed, also).ok());
  EXPECT_TRUE(store_.Get(Family::kMeta, "x").ok());
}

TEST_F(SealedStoreTest, NothingStaysOfAGraduateThatGoesMeanwhile) {
  int calls = 0;
  const auto gone_after = [&calls]() -> absl::Status {
    return ++calls == 1 ? absl::OkStatus() : absl::NotFoundError("gone");
  };
  WriteBatch also;
  also.Put(Family::kMeta, "x", "y");
  EXPECT_TRUE(absl::IsNotFound(
      sealed_->Update(Person(1), Flags(true), gone_after, also)));
  EXPECT_TRUE(absl::IsNotFound(store_.Get(Family::kMeta, "x").status()));
  EXPECT_TRUE(absl::IsNotFound(
      store_.Get(Family::kSealed, GraduateKey(Person(1))).status()));
}

TEST_F(SealedStoreTest, NothingIsReadThatCannotBeAudited) {
  Put(1, Flags(true));
  FaultyStore faulty(store_, 1);
  audit_ = *AuditLog::Open(faulty, clock_);
  EXPECT_EQ(ReasonOf(Read({1}).status()), kAuditUnavailable);
  EXPECT_TRUE(Read({2}).ok());  // nothing to read, nothing to audit
}

TEST_F(SealedStoreTest, DamageIsToldApartFromNo) {
  Put(1, Flags(true));
  Put(2, Flags(true));
  // The record of one under the key of the other.
  WriteBatch batch;
  batch.Put(Family::kSealed, GraduateKey(Person(2)),
            *store_.Get(Family::kSealed, GraduateKey(Person(1))));
  batch.Put(Family::kSealed, GraduateKey(Person(3)), "\xff\xff");
  ASSERT_TRUE(store_.Write(batch, Durability::kSynced).ok());
  EXPECT_THAT(*Read({1, 2, 3}),
              ElementsAre(Priority::kYes, Priority::kUnreadable,
                          Priority::kUnreadable));
}

TEST_F(SealedStoreTest, WithoutKeysOnlyDeletingWorks) {
  Put(1, Flags(true));
  sealed_ = std::make_unique<SealedStore>(store_, std::nullopt);
  EXPECT_EQ(ReasonOf(sealed_->CheckKeys()), kSealKeyMissing);
  EXPECT_EQ(ReasonOf(sealed_->Update(Person(1), Flags(true), Allowed, {})),
            kSealKeyMissing);
  EXPECT_EQ(ReasonOf(Read({1}).status()), kSealKeyMissing);
  EXPECT_EQ(ReasonOf(sealed_->Reseal(*audit_).status()), kSealKeyMissing);
  EXPECT_EQ(ReasonOf(sealed_->RequestHash("r", "x").status()), kSealKeyMissing);
  EXPECT_TRUE(sealed_->Delete(Person(1), {}).ok());
}

TEST_F(SealedStoreTest, TheRequestLogLearnsNothing) {
  // The same content under two ids, and two contents under one.
  EXPECT_NE(*sealed_->RequestHash("r1", "yes"),
            *sealed_->RequestHash("r2", "yes"));
  EXPECT_NE(*sealed_->RequestHash("r1", "yes"),
            *sealed_->RequestHash("r1", "no"));
  EXPECT_EQ(*sealed_->RequestHash("r1", "yes"),
            *sealed_->RequestHash("r1", "yes"));
  // Under another key everything differs: nothing can be tried without it.
  const uint64_t before = *sealed_->RequestHash("r1", "yes");
  ASSERT_TRUE(RotateSealKeyFile(path_).ok());
  Open(store_);
  EXPECT_NE(*sealed_->RequestHash("r1", "yes"), before);
}

// A rotation whose n-th write fails, for every n: every value stays readable
// all the while, and in the end nothing is under the old key.
TEST_F(SealedStoreTest, ARotationSurvivesAStopAtEveryWrite) {
  constexpr int kPeople = 1'500;  // three writes
  for (int i = 0; i < kPeople; ++i) Put(i, Flags(i % 3 == 0));
  const auto check = [&] {
    std::vector<int> people;
    for (int i = 0; i < kPeople; i += 50) people.push_back(i);
    auto read = Read(people);
    ASSERT_TRUE(read.ok()) << read.status();
    for (size_t i = 0; i < people.size(); ++i) {
      ASSERT_EQ((*read)[i] == Priority::kYes, people[i] % 3 == 0);
    }
  };
  for (const auto failure :
       {FaultyStore::Failure::kNothingKept, FaultyStore::Failure::kBatchKept}) {
    for (int fail_at = 1; fail_at <= 3; ++fail_at) {
      SCOPED_TRACE(fail_at);
      ASSERT_TRUE(RotateSealKeyFile(path_).ok());
      FaultyStore faulty(store_, fail_at, failure);
      Open(faulty);
      EXPECT_FALSE(sealed_->Reseal(*audit_).ok());
      Open(store_);  // the next start
      check();
      auto report = sealed_->Reseal(*audit_);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->records, kPeople);
      EXPECT_LE(report->resealed, kPeople);
      check();
      // Nothing needs an older key any more.
      ASSERT_TRUE(PruneSealKeyFile(path_).ok());
      Open(store_);
      check();
      report = sealed_->Reseal(*audit_);
      ASSERT_TRUE(report.ok());
      EXPECT_EQ(report->resealed, 0);
      EXPECT_EQ(report->unknown_key, 0);
    }
  }
}

TEST_F(SealedStoreTest, AKeyThatWasPrunedTooEarlyIsCountedAndNothingIsLost) {
  Put(1, Flags(true));
  const std::string kept = *store_.Get(Family::kSealed, GraduateKey(Person(1)));
  ASSERT_TRUE(RotateSealKeyFile(path_).ok());
  ASSERT_TRUE(PruneSealKeyFile(path_).ok());
  Open(store_);
  const int64_t told = audit_->head().sequence;
  auto report = sealed_->Reseal(*audit_);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->unknown_key, 1);
  EXPECT_EQ(audit_->head().sequence, told) << "nothing was done";
  EXPECT_EQ(*store_.Get(Family::kSealed, GraduateKey(Person(1))), kept);
  EXPECT_EQ(ReasonOf(Read({1}).status()), kSealKeyMissing);
}

}  // namespace
}  // namespace gradmatch
