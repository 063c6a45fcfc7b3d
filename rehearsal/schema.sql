-- The tables of the application as its ORM makes them: quoted names, text ids that only the
-- application fills, times without a zone. The indexes are all there are: none on any time.

CREATE TYPE "LeadStatus" AS ENUM ('NEW', 'CONTACTED', 'QUALIFIED', 'VIEWING', 'PROPOSAL', 'NEGOTIATION', 'WON', 'LOST', 'ARCHIVED');
CREATE TYPE "ConversationStatus" AS ENUM ('ACTIVE', 'PENDING', 'ARCHIVED', 'CLOSED');
CREATE TYPE "MessageDirection" AS ENUM ('INBOUND', 'OUTBOUND');
CREATE TYPE "MessageContentType" AS ENUM ('TEXT', 'IMAGE', 'VIDEO', 'AUDIO', 'DOCUMENT', 'LOCATION', 'TEMPLATE');
CREATE TYPE "WebhookSource" AS ENUM ('WHATSAPP', 'BITRIX', 'STRIPE', 'CHATWOOT', 'EVOLUTION');
CREATE TYPE "ProviderEventStatus" AS ENUM ('PENDING', 'PROCESSING', 'PROCESSED', 'FAILED', 'IGNORED');
CREATE TYPE "DeliveryStatus" AS ENUM ('PENDING', 'SENT', 'DELIVERED', 'READ', 'FAILED');
CREATE TYPE "JobStatus" AS ENUM ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'DEAD_LETTER');

CREATE TABLE "Company" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "whatsappBusinessNumber" TEXT,
    "wabaStatus" TEXT NOT NULL DEFAULT 'CONNECTED',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Company_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "CompanySettings" (
    "id" TEXT NOT NULL,
    "companyId" TEXT NOT NULL,
    "whatsappProvider" TEXT NOT NULL DEFAULT 'CHATWOOT',
    "chatwootBaseUrl" TEXT,
    "chatwootApiToken" TEXT,
    "chatwootAccountId" TEXT,
    "chatwootInboxId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "CompanySettings_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Lead" (
    "id" TEXT NOT NULL,
    "companyId" TEXT NOT NULL,
    "agentId" TEXT,
    "phone" TEXT NOT NULL,
    "name" TEXT,
    "source" TEXT,
    "status" "LeadStatus" NOT NULL DEFAULT 'NEW',
    "bitrixLeadId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Lead_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Conversation" (
    "id" TEXT NOT NULL,
    "companyId" TEXT NOT NULL,
    "leadId" TEXT NOT NULL,
    "agentId" TEXT,
    "whatsappNumber" TEXT,
    "status" "ConversationStatus" NOT NULL DEFAULT 'ACTIVE',
    "lastMessageAt" TIMESTAMP(3),
    "lastDirection" "MessageDirection",
    "chatwootConversationId" TEXT,
    "evolutionChatId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Conversation_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Message" (
    "id" TEXT NOT NULL,
    "conversationId" TEXT NOT NULL,
    "senderId" TEXT,
    "direction" "MessageDirection" NOT NULL,
    "contentType" "MessageContentType" NOT NULL DEFAULT 'TEXT',
    "body" TEXT,
    "wabaMessageId" TEXT,
    "templateName" TEXT,
    "sentAt" TIMESTAMP(3),
    "deliveredAt" TIMESTAMP(3),
    "readAt" TIMESTAMP(3),
    "failedAt" TIMESTAMP(3),
    "errorMessage" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Message_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "WebhookEvent" (
    "id" TEXT NOT NULL,
    "companyId" TEXT,
    "source" "WebhookSource" NOT NULL,
    "eventType" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "processed" BOOLEAN NOT NULL DEFAULT false,
    "processedAt" TIMESTAMP(3),
    "error" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "WebhookEvent_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "ProviderWebhookEvent" (
    "id" TEXT NOT NULL,
    "companyId" TEXT,
    "provider" TEXT NOT NULL,
    "eventType" TEXT NOT NULL,
    "status" "ProviderEventStatus" NOT NULL DEFAULT 'PENDING',
    "payload" JSONB NOT NULL,
    "errorMessage" TEXT,
    "processedAt" TIMESTAMP(3),
    "receivedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "ProviderWebhookEvent_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "WhatsAppNumber" (
    "id" TEXT NOT NULL,
    "companyId" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "provider" TEXT NOT NULL DEFAULT 'CHATWOOT',
    "dailyLimit" INTEGER NOT NULL DEFAULT 20,
    "messagesSentToday" INTEGER NOT NULL DEFAULT 0,
    "warmupWeek" INTEGER NOT NULL DEFAULT 1,
    "lastResetAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "isActive" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "WhatsAppNumber_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "QuotaLog" (
    "id" TEXT NOT NULL,
    "whatsappNumberId" TEXT NOT NULL,
    "companyId" TEXT NOT NULL,
    "date" TIMESTAMP(3) NOT NULL,
    "sentCount" INTEGER NOT NULL DEFAULT 0,
    "dailyLimit" INTEGER NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "QuotaLog_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "AgentQuota" (
    "id" TEXT NOT NULL,
    "agentId" TEXT NOT NULL,
    "dailyLimit" INTEGER NOT NULL DEFAULT 20,
    "messagesSentToday" INTEGER NOT NULL DEFAULT 0,
    "resetAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "AgentQuota_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "MessageDeliveryAttempt" (
    "id" TEXT NOT NULL,
    "messageId" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "status" "DeliveryStatus" NOT NULL DEFAULT 'PENDING',
    "errorMessage" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "MessageDeliveryAttempt_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "JobQueue" (
    "id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "status" "JobStatus" NOT NULL DEFAULT 'PENDING',
    "payload" JSONB NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "idempotencyKey" TEXT,
    "scheduledFor" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMP(3),
    "completedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "JobQueue_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Campaign" (
    "id" TEXT NOT NULL,
    "companyId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "templateName" TEXT,
    "status" TEXT NOT NULL DEFAULT 'draft',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "Campaign_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "CampaignRecipient" (
    "id" TEXT NOT NULL,
    "campaignId" TEXT NOT NULL,
    "phone" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "sentAt" TIMESTAMP(3),
    "lastError" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "CampaignRecipient_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Feedback" (
    "id" TEXT NOT NULL,
    "companyId" TEXT NOT NULL,
    "leadId" TEXT,
    "rating" INTEGER,
    "comment" TEXT,
    "requestedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "respondedAt" TIMESTAMP(3),
    CONSTRAINT "Feedback_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "Lead_companyId_idx" ON "Lead" ("companyId");
CREATE INDEX "Lead_agentId_idx" ON "Lead" ("agentId");
CREATE INDEX "Lead_phone_idx" ON "Lead" ("phone");
CREATE INDEX "Lead_bitrixLeadId_idx" ON "Lead" ("bitrixLeadId");
CREATE UNIQUE INDEX "Lead_bitrixLeadId_key" ON "Lead" ("bitrixLeadId");
CREATE INDEX "Conversation_companyId_idx" ON "Conversation" ("companyId");
CREATE INDEX "Conversation_leadId_idx" ON "Conversation" ("leadId");
CREATE INDEX "Conversation_agentId_idx" ON "Conversation" ("agentId");
CREATE INDEX "Conversation_whatsappNumber_idx" ON "Conversation" ("whatsappNumber");
CREATE INDEX "Conversation_chatwootConversationId_idx" ON "Conversation" ("chatwootConversationId");
CREATE INDEX "Message_conversationId_idx" ON "Message" ("conversationId");
CREATE INDEX "Message_wabaMessageId_idx" ON "Message" ("wabaMessageId");
CREATE UNIQUE INDEX "Message_wabaMessageId_key" ON "Message" ("wabaMessageId");
CREATE INDEX "WebhookEvent_companyId_idx" ON "WebhookEvent" ("companyId");
CREATE INDEX "WebhookEvent_source_idx" ON "WebhookEvent" ("source");
CREATE INDEX "WebhookEvent_processed_idx" ON "WebhookEvent" ("processed");
CREATE INDEX "ProviderWebhookEvent_provider_status_idx" ON "ProviderWebhookEvent" ("provider", "status");
CREATE INDEX "ProviderWebhookEvent_receivedAt_idx" ON "ProviderWebhookEvent" ("receivedAt");
CREATE INDEX "ProviderWebhookEvent_companyId_idx" ON "ProviderWebhookEvent" ("companyId");
CREATE INDEX "WhatsAppNumber_companyId_idx" ON "WhatsAppNumber" ("companyId");
CREATE INDEX "WhatsAppNumber_number_idx" ON "WhatsAppNumber" ("number");
CREATE UNIQUE INDEX "WhatsAppNumber_number_key" ON "WhatsAppNumber" ("number");
CREATE UNIQUE INDEX "QuotaLog_whatsappNumberId_date_key" ON "QuotaLog" ("whatsappNumberId", "date");
CREATE INDEX "QuotaLog_companyId_idx" ON "QuotaLog" ("companyId");
CREATE INDEX "QuotaLog_date_idx" ON "QuotaLog" ("date");
CREATE INDEX "AgentQuota_agentId_idx" ON "AgentQuota" ("agentId");
CREATE UNIQUE INDEX "AgentQuota_agentId_key" ON "AgentQuota" ("agentId");
CREATE INDEX "MessageDeliveryAttempt_messageId_idx" ON "MessageDeliveryAttempt" ("messageId");
CREATE INDEX "MessageDeliveryAttempt_status_idx" ON "MessageDeliveryAttempt" ("status");
CREATE INDEX "MessageDeliveryAttempt_provider_idx" ON "MessageDeliveryAttempt" ("provider");
CREATE INDEX "JobQueue_status_scheduledFor_priority_idx" ON "JobQueue" ("status", "scheduledFor", "priority");
CREATE INDEX "JobQueue_type_status_idx" ON "JobQueue" ("type", "status");
CREATE INDEX "JobQueue_createdAt_idx" ON "JobQueue" ("createdAt");
CREATE UNIQUE INDEX "JobQueue_idempotencyKey_key" ON "JobQueue" ("idempotencyKey");
CREATE INDEX "CampaignRecipient_campaignId_idx" ON "CampaignRecipient" ("campaignId");
CREATE INDEX "CampaignRecipient_status_idx" ON "CampaignRecipient" ("status");
CREATE INDEX "CampaignRecipient_phone_idx" ON "CampaignRecipient" ("phone");

ALTER TABLE "CompanySettings" ADD CONSTRAINT "CompanySettings_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company" ("id") ON DELETE CASCADE;
ALTER TABLE "Lead" ADD CONSTRAINT "Lead_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company" ("id") ON DELETE CASCADE;
ALTER TABLE "Conversation" ADD CONSTRAINT "Conversation_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company" ("id") ON DELETE CASCADE;
ALTER TABLE "Conversation" ADD CONSTRAINT "Conversation_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead" ("id") ON DELETE CASCADE;
ALTER TABLE "Message" ADD CONSTRAINT "Message_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation" ("id") ON DELETE CASCADE;
ALTER TABLE "WhatsAppNumber" ADD CONSTRAINT "WhatsAppNumber_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company" ("id") ON DELETE CASCADE;
ALTER TABLE "QuotaLog" ADD CONSTRAINT "QuotaLog_whatsappNumberId_fkey" FOREIGN KEY ("whatsappNumberId") REFERENCES "WhatsAppNumber" ("id") ON DELETE CASCADE;
ALTER TABLE "MessageDeliveryAttempt" ADD CONSTRAINT "MessageDeliveryAttempt_messageId_fkey" FOREIGN KEY ("messageId") REFERENCES "Message" ("id") ON DELETE CASCADE;
ALTER TABLE "Campaign" ADD CONSTRAINT "Campaign_companyId_fkey" FOREIGN KEY ("companyId") REFERENCES "Company" ("id") ON DELETE CASCADE;
ALTER TABLE "CampaignRecipient" ADD CONSTRAINT "CampaignRecipient_campaignId_fkey" FOREIGN KEY ("campaignId") REFERENCES "Campaign" ("id") ON DELETE CASCADE;
