/** HTTP endpoints of alert rules. */
import { z } from 'zod';
import { AlertLevel, AlertRule, MOST_RULE } from '../trial/alert.ts';
import { endpoint } from './endpoint.ts';

const experiment = z.object({ id: z.string().min(1) });
const rule = experiment.extend({ rule: z.string().min(1) });
const when = z.string().min(1).max(MOST_RULE);
/** Also when no trial has logged the metric yet. */
const anyway = z.boolean().optional();

export const alerts = {
  list: endpoint({
    method: 'get',
    path: '/api/experiments/{id}/alerts',
    summary: 'The rules that watch the trials of an experiment',
    needs: 'read',
    params: experiment,
    reply: z.object({ rules: z.array(AlertRule) }),
  }),
  add: endpoint({
    method: 'post',
    path: '/api/experiments/{id}/alerts',
    summary:
      'Watch the trials of an experiment: `when` is a sentence such as `val_loss has not improved for 20 epochs`',
    needs: 'control',
    params: experiment,
    body: z.object({ when, level: AlertLevel.default('warning'), anyway }),
    reply: AlertRule,
  }),
  edit: endpoint({
    method: 'patch',
    path: '/api/experiments/{id}/alerts/{rule}',
    summary: 'Change what a rule watches for, or how much it matters; what it had raised is taken back',
    needs: 'control',
    params: rule,
    body: z.object({ when: when.optional(), level: AlertLevel.optional(), anyway }),
    reply: AlertRule,
  }),
  remove: endpoint({
    method: 'delete',
    path: '/api/experiments/{id}/alerts/{rule}',
    summary: 'Watch for this no longer',
    needs: 'control',
    params: rule,
    reply: z.object({}),
  }),
};
