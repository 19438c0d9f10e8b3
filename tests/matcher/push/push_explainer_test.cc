#include "matcher/push/push_explainer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/matcher/push/push_world.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PushExplainerTest : public testing::Test {
 protected:
  PushExplainerTest() : world_(store_) {}

  std::vector<std::string> Texts(const v1::Graduate& graduate,
                                 const std::string& posting,
                                 const std::string& canonical = "",
                                 int openings = 1) {
    v1::Posting asked;
    asked.set_name(PushWorld::PostingNameOf(posting));
    asked.set_canonical_posting(
        PushWorld::PostingNameOf(canonical.empty() ? posting : canonical));
    asked.set_state(state_);
    asked.set_openings(openings);
    const std::string& name = graduate.name();
    const auto reasons = MakePushReasons(store_, world_.push_store)(
        graduate, PushWorld::GraduateKeyOf(name.substr(name.rfind('/') + 1)),
        asked, world_.clock.Now());
    EXPECT_TRUE(reasons.ok()) << reasons.status();
    std::vector<std::string> texts;
    for (const v1::Reason& reason : *reasons) {
      texts.push_back(absl::StrCat(reason.code(), " ", reason.text_zh()));
    }
    return texts;
  }

  InMemoryStore store_;
  PushWorld world_;
  v1::Posting::State state_ = v1::Posting::STATE_OPEN;
};

TEST_F(PushExplainerTest, NothingInTheWay) {
  EXPECT_THAT(Texts(GraduateNamed("g0"), "p"), IsEmpty());
}

TEST_F(PushExplainerTest, ToldBeforeThroughAnyMember) {
  world_.PutGraduates(1);
  world_.PutPosting({.id = "p"});
  world_.Run("2026-11-22-nightly", SmallPlan(1, 10));
  ASSERT_EQ(world_.Items("2026-11-22-nightly").size(), 1u);
  const std::string date =
      absl::FormatTime("%Y-%m-%d", world_.clock.Now(), ChinaTime());
  EXPECT_THAT(Texts(GraduateNamed("g0"), "p"),
              ElementsAre(absl::StrCat("PUSH_PLANNED 已列入 ", date,
                                       " 的批次 2026-11-22-nightly，尚未确认送"
                                       "达")));
  EXPECT_THAT(Texts(GraduateNamed("g0"), "q"), IsEmpty());

  world_.PutGroup({"p", "q"});
  const v1::PushItem item = world_.Items("2026-11-22-nightly")[0];
  const DeliveryReport sent = {.run_id = "2026-11-22-nightly",
                               .number = 0,
                               .push_id = item.push_id(),
                               .code = DeliveryReport::Code::kSent,
                               .channel_reason = ""};
  ASSERT_TRUE(
      world_.push_store.RecordDeliveries({&sent, 1}, PushWorld::GraduateKeyOf)
          .ok());
  EXPECT_THAT(Texts(GraduateNamed("g0"), "q", "p"),
              ElementsAre(absl::StrCat("PUSHED_BEFORE 已于 ", date,
                                       " 的批次 2026-11-22-nightly 推送")));
}

TEST_F(PushExplainerTest, ToldBeforeUnderAnIdThatIsGone) {
  world_.PutGraduates(1);
  world_.PutPosting({.id = "p", .title = "会计"});
  world_.Run("r1", SmallPlan(1, 10));
  ASSERT_EQ(world_.Items("r1").size(), 1u);
  v1::Posting anew;
  anew.set_name(PushWorld::PostingNameOf("q"));
  anew.set_title("会计");
  anew.mutable_employer()->set_name("e");
  anew.set_state(v1::Posting::STATE_OPEN);
  const auto reasons = MakePushReasons(store_, world_.push_store)(
      GraduateNamed("g0"), PushWorld::GraduateKeyOf("g0"), anew,
      world_.clock.Now());
  ASSERT_TRUE(reasons.ok()) << reasons.status();
  ASSERT_EQ(reasons->size(), 1u);
  EXPECT_EQ(reasons->front().code(), "PUSH_PLANNED");
}

TEST_F(PushExplainerTest, GraduatePostingAndCap) {
  v1::Graduate placed = GraduateNamed("g0");
  placed.set_lifecycle(v1::Graduate::LIFECYCLE_PLACED);
  EXPECT_THAT(Texts(placed, "p"), ElementsAre("PLACED 已登记毕业去向"));
  state_ = v1::Posting::STATE_CLOSED;
  EXPECT_THAT(Texts(GraduateNamed("g0"), "p"),
              ElementsAre("POSTING_NOT_OPEN 岗位未开放或已截止，不再推送"));
  state_ = v1::Posting::STATE_OPEN;

  const auto plan = world_.push_store.ChangePlan("p", [](const auto&) {
    return std::optional<v1::PushPlan>(SmallPlan(1, 4));
  });
  ASSERT_TRUE(plan.ok());
  world_.PutGraduates(30);
  world_.PutPosting({.id = "full"});
  world_.Run("r1", SmallPlan(1, 4));
  EXPECT_THAT(Texts(GraduateNamed("new"), "full"),
              ElementsAre("CAPS_EXHAUSTED 名额已满：已推送 4 人，上限 4 人"));
  EXPECT_THAT(Texts(GraduateNamed("new"), "full", "", 2), IsEmpty());
}

}  // namespace
}  // namespace gradmatch
