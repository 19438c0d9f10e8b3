// Hardship and disability over the wire: written, never given back, audited.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/keys.h"
#include "index/pseudonym.h"
#include "index/store.h"
#include "index/vault/audit_log.h"
#include "server/message_hash.h"
#include "tests/server/sealed_fixture.h"

namespace gradmatch {
namespace {

class SealedFlagsServiceTest : public SealedFixture {
 protected:
  const Engine& engine() { return server_.server().runtime().engine(); }
  std::string Pseudonym(const std::string& id) {
    return engine().pseudonyms.Of(id);
  }
  absl::StatusOr<v1::StoredSealed> Stored(const std::string& id) {
    auto bytes =
        engine().store.Get(Family::kSealed, GraduateKey(Pseudonym(id)));
    if (!bytes.ok()) return bytes.status();
    v1::StoredSealed sealed;
    EXPECT_TRUE(sealed.ParseFromString(*bytes));
    return sealed;
  }
};

TEST_F(SealedFlagsServiceTest, AreSealedAuditedAndDeleted) {
  Fill(0, 2);
  ASSERT_TRUE(Seal(FlagsOf("g-0", true, false)).ok());
  auto sealed = Stored("g-0");
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(sealed->values_size(), 2);
  EXPECT_EQ(sealed->values(0).algorithm(), "XCHACHA20-POLY1305");
  EXPECT_TRUE(absl::IsNotFound(Stored("g-1").status()));

  const auto written = Audit("GraduateService.UpdateSealedFlags");
  ASSERT_EQ(written.size(), 1);
  EXPECT_EQ(written[0].role(), "platform");
  EXPECT_EQ(written[0].resource(), PersonInAudit(Pseudonym("g-0")));
  EXPECT_EQ(written[0].purpose(), "学院认定");
  EXPECT_EQ(written[0].result(), "ALLOWED");

  ASSERT_TRUE(Unset("g-0").ok());
  EXPECT_TRUE(absl::IsNotFound(Stored("g-0").status()));
  EXPECT_TRUE(Unset("g-0").ok());
  EXPECT_EQ(Audit("GraduateService.DeleteSealedFlags").size(), 2);
  for (const std::string& line : server_.log_lines()) {
    EXPECT_FALSE(absl::StrContains(line, "hardship")) << line;
    EXPECT_FALSE(absl::StrContains(line, "g-0")) << line;
  }
}

TEST_F(SealedFlagsServiceTest, ARepeatIsRecognisedAndItsRecordSaysNothing) {
  Fill(0, 1);
  v1::UpdateSealedFlagsRequest request = FlagsOf("g-0", true, false);
  request.set_request_id("r-1");
  ASSERT_TRUE(Seal(request).ok());
  const std::string sealed = Stored("g-0")->SerializeAsString();
  ASSERT_TRUE(Seal(request).ok());
  EXPECT_EQ(Stored("g-0")->SerializeAsString(), sealed);  // not done again
  request.set_hardship(false);
  EXPECT_EQ(Summary(Seal(request)), "ABORTED REQUEST_ID_REUSED");

  // Whoever has the data folder, its secret included, tries all combinations.
  v1::StoredRequest kept;
  ASSERT_TRUE(kept.ParseFromString(*engine().store.Get(
      Family::kRequest,
      RequestKey("GraduateService.UpdateSealedFlags", "", "r-1"))));
  EXPECT_EQ(kept.response(), "");
  for (int hardship : {-1, 0, 1}) {
    for (int disability : {-1, 0, 1}) {
      v1::UpdateSealedFlagsRequest guess = FlagsOf("g-0", std::nullopt);
      guess.set_request_id("r-1");
      if (hardship >= 0) guess.set_hardship(hardship == 1);
      if (disability >= 0) guess.set_disability(disability == 1);
      EXPECT_NE(kept.body_hash(), MessageHash(guess, {"request_id"}));
      EXPECT_NE(kept.body_hash(), MessageHash(guess, {}));
    }
  }
}

TEST_F(SealedFlagsServiceTest, BadInput) {
  Fill(0, 1);
  v1::UpdateSealedFlagsRequest request = FlagsOf("g-0", std::nullopt);
  EXPECT_EQ(Summary(Seal(request)), "INVALID_ARGUMENT FIELD_MISSING hardship");
  request = FlagsOf("g-0", true);
  request.clear_purpose();
  EXPECT_EQ(Summary(Seal(request)), "INVALID_ARGUMENT FIELD_MISSING purpose");
  request.set_purpose(std::string(201, 'x'));
  EXPECT_EQ(Summary(Seal(request)), "INVALID_ARGUMENT FIELD_TOO_LONG purpose");
  request = FlagsOf("g-0", true);
  request.set_name("");
  EXPECT_EQ(Summary(Seal(request)), "INVALID_ARGUMENT FIELD_MISSING name");
  request.set_name("graduates/no/where");
  EXPECT_EQ(Summary(Seal(request)), "INVALID_ARGUMENT NAME_INVALID name");
  request.set_name("graduates/unknown");
  EXPECT_EQ(Summary(Seal(request)), "NOT_FOUND GRADUATE_NOT_FOUND");
  EXPECT_EQ(Summary(Unset("unknown")), "NOT_FOUND GRADUATE_NOT_FOUND");
  EXPECT_EQ(Summary(Unset("g-0", "")),
            "INVALID_ARGUMENT FIELD_MISSING purpose");
  request = FlagsOf("g-0", true);
  request.set_request_id("no/id");
  EXPECT_EQ(Summary(Seal(request)),
            "INVALID_ARGUMENT FIELD_INVALID request_id");
  EXPECT_TRUE(absl::IsNotFound(Stored("g-0").status()));
}

TEST_F(SealedFlagsServiceTest, GoWithTheRecord) {
  Fill(0, 1);
  ASSERT_TRUE(Seal(FlagsOf("g-0", true)).ok());
  v1::DeleteGraduateRequest request;
  request.set_name("graduates/g-0");
  google::protobuf::Empty empty;
  ASSERT_TRUE(
      server_
          .Call(server_.graduates(), &Graduates::DeleteGraduate, request, empty)
          .ok());
  EXPECT_TRUE(absl::IsNotFound(Stored("g-0").status()));
  EXPECT_EQ(Summary(Seal(FlagsOf("g-0", true))),
            "NOT_FOUND GRADUATE_NOT_FOUND");
  Fill(0, 1);
  EXPECT_TRUE(absl::IsNotFound(Stored("g-0").status()));
}

TEST_F(SealedFlagsServiceTest, AFrozenRecordIsStoredNotProcessed) {
  Fill(0, 1);
  ASSERT_TRUE(Seal(FlagsOf("g-0", true)).ok());
  v1::UpdateGraduateRequest freeze;
  freeze.mutable_graduate()->set_name("graduates/g-0");
  freeze.mutable_graduate()->set_lifecycle(v1::Graduate::LIFECYCLE_FROZEN);
  freeze.mutable_update_mask()->add_paths("lifecycle");
  v1::Graduate graduate;
  ASSERT_TRUE(server_
                  .Call(server_.graduates(), &Graduates::UpdateGraduate, freeze,
                        graduate)
                  .ok());
  EXPECT_EQ(Summary(Seal(FlagsOf("g-0", false))),
            "FAILED_PRECONDITION GRADUATE_NOT_SERVED");
  EXPECT_TRUE(Unset("g-0").ok());
}

TEST_F(SealedFlagsServiceTest, WithoutKeysFlagsAreNeitherTakenNorRead) {
  Fill(3, 2);
  server_.Stop();
  server_.Start();
  EXPECT_EQ(Summary(Seal(FlagsOf("g-0", true))),
            "FAILED_PRECONDITION SEAL_KEY_MISSING");
  EXPECT_TRUE(Unset("g-0").ok());
  v1::PushPlan plan;
  plan.set_priority_floor(1);
  ASSERT_TRUE(CreatePlan("floors", plan, plan).ok());
  Operation operation;
  EXPECT_EQ(Summary(StartRun("floors", "r1", operation)),
            "FAILED_PRECONDITION SEAL_KEY_MISSING");
}

TEST_F(SealedFlagsServiceTest, ARotationReachesWhatIsStored) {
  Fill(3, 3);
  ASSERT_TRUE(Seal(FlagsOf("g-0", true)).ok());
  ASSERT_TRUE(Seal(FlagsOf("g-1", false)).ok());
  const std::string first = Stored("g-0")->values(0).key_id();
  ASSERT_TRUE(RotateSealKeyFile(keys_.path()).ok());
  Restart();
  EXPECT_NE(Stored("g-0")->values(0).key_id(), first);
  EXPECT_NE(Stored("g-1")->values(1).key_id(), first);
  EXPECT_EQ(Audit("SealedStore.Reseal").size(), 1);
  ASSERT_TRUE(PruneSealKeyFile(keys_.path()).ok());
  Restart();
  v1::PushPlan plan;
  plan.set_priority_floor(1);
  ASSERT_TRUE(CreatePlan("floors", plan, plan).ok());
  EXPECT_EQ(RunToTheEnd("floors", "r1").state(), v1::PushRun::STATE_READY);
  // Two persons have sealed values, and each reading is told of.
  const auto readings = Audit("PushRun.ReadPriority");
  ASSERT_EQ(readings.size(), 2);
  EXPECT_THAT((std::vector<std::string>{readings[0].resource(),
                                        readings[1].resource()}),
              testing::UnorderedElementsAre(PersonInAudit(Pseudonym("g-0")),
                                            PersonInAudit(Pseudonym("g-1"))));
  EXPECT_EQ(readings[0].purpose(), "pushRuns/r1 保底");
  EXPECT_EQ(readings[0].role(), "floor-reader");
}

TEST_F(SealedFlagsServiceTest, AKeyFileThatIsNotSafeKeepsTheServerDown) {
  server_.Stop();
  ASSERT_EQ(::chmod(keys_.path().c_str(), 0644), 0);
  server_.Listen({{"privacy.seal_key_file", keys_.path()}});
  EXPECT_EQ(ReasonOf(server_.server().Load()), kSealKeyMissing);
  server_.Stop();
  // Within the data folder a backup would bring the keys along.
  const TempFolder folder;
  server_.Start({{"storage.data_dir", folder.path()}});
  server_.Stop();
  ASSERT_TRUE(NewSealKeyFile(folder / "seal.key").ok());
  server_.Listen({{"storage.data_dir", folder.path()},
                  {"privacy.seal_key_file", folder / "seal.key"}});
  EXPECT_EQ(ReasonOf(server_.server().Load()), kSealKeyMissing);
}

}  // namespace
}  // namespace gradmatch
